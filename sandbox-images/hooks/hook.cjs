// Node requires this before it looks for the program. What it has to give stands in supervise.sh and program.ts.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const INPUT = 3;

function take(size) {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size;) {
    const length = fs.readSync(INPUT, bytes, at, size - at, null);
    if (length === 0) process.reallyExit(125);
    at += length;
  }
  return bytes;
}

// Byte by byte: what comes behind the program is not for this reader.
function line() {
  const said = [];
  for (let byte = take(1)[0]; byte !== 10; byte = take(1)[0]) said.push(byte);
  return Buffer.from(said).toString();
}

try {
  const version = fs.readFileSync('/proc/version', 'utf8');
  fs.writeSync(1, `${version.split('\n')[0]}\n`);
  const [count, code, given] = line().split(' ').map(Number);
  for (let left = count; left > 0; left--) {
    const name = line();
    const size = Number(line());
    if (name.includes('/')) fs.mkdirSync(path.dirname(name), { recursive: true });
    fs.writeFileSync(name, take(size));
  }
  fs.writeFileSync('/tmp/program/main.js', take(code));
  fs.writeFileSync('/tmp/program/stdin', take(given));
  fs.closeSync(INPUT);
  // Workers and forks of the program would require it again.
  fs.writeFileSync(__filename, '');
  process.execArgv.splice(process.execArgv.indexOf('--require'), 2);
  delete require.cache[__filename];
  fs.writeSync(1, '\u0006');
} catch {
  process.reallyExit(125);
}
