import { readFileSync } from 'node:fs';
import published from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core';

/** As much of it as is needed here; Node's types do not have it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer;
  };
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its types are those of its CommonJS half
const variant = published as unknown as QuickJSSyncVariant;

export type Engine = {
  readonly runtime: QuickJSRuntime;
  readonly context: QuickJSContext;
  /** Whether it has ever used nearly all its memory. */
  readonly isFull: () => boolean;
};

const PAGE = 65_536;
/** What the engine's module declares as its own least and most. */
const LEAST = 256;
const MOST = 32_768;
/** A program that goes deeper gets an error: before V8's own stack ends, which would end the process. */
const STACK = 900 * 1024;

/** QuickJS in WebAssembly, with a memory that cannot grow beyond `memory` bytes whatever goes wrong inside. */
export async function loadEngine(file: URL, memory: number): Promise<Engine> {
  const maximum = Math.min(MOST, Math.max(LEAST, Math.floor(memory / PAGE)));
  const wasmMemory = new WebAssembly.Memory({ initial: LEAST, maximum });
  const quickjs = await newQuickJSWASMModuleFromVariant(
    newVariant(variant, {
      wasmModule: new WebAssembly.Module(readFileSync(file)),
      wasmMemory,
    }),
  );
  const runtime = quickjs.newRuntime();
  // A little less than there is: the engine throws "out of memory" where WebAssembly would end.
  runtime.setMemoryLimit(maximum * PAGE * 0.9);
  runtime.setMaxStackSize(STACK);
  return {
    runtime,
    context: runtime.newContext(),
    // It grows by a fifth at a time and never shrinks.
    isFull: () => wasmMemory.buffer.byteLength > maximum * PAGE * 0.75,
  };
}
