import v8 from 'node:v8';

/** By then most gateways have started. */
const START_MS = 2000;

// V8 of Node 20 lazily deoptimises an inlined call into WebAssembly and then aborts the whole process (exit 133), after
// some ten thousand decisions. The flag works only on code that is not compiled yet, so this is the program's first import.
if (Number.parseInt(process.versions.node, 10) < 22) {
  v8.setFlagsFromString('--no-turbo-inline-js-wasm-calls');
  // A function is optimised after a quarter of the usual work. A call runs through much code once, and most of it would be
  // interpreted for thousands of calls; later versions have a compiler between the two. What only a start runs is not worth
  // it, and the threads that optimise would take the servers' processors.
  setTimeout(() => v8.setFlagsFromString('--interrupt-budget=16000'), START_MS).unref();
}

// One thread optimises Cedar's code instead of four: 40 MB less memory, and the servers that start meanwhile keep a core.
v8.setFlagsFromString('--wasm-num-compilation-tasks=1');
// Nor does it optimise what a start or a thousand decisions run: that cost more than they did, and for the largest functions
// 20 MB that the thread keeps.
v8.setFlagsFromString('--wasm-tiering-budget=1000000000');
// V8 lets the heap grow to four times what is alive before it collects. Half as much again is enough here: what calls
// leave in the old space is little, and a collection comes after thousands of them.
v8.setFlagsFromString('--heap-growing-percent=50');
