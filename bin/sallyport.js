#!/usr/bin/env node
import { existsSync } from 'node:fs';

const cli = new URL('../dist/program/sallyport.js', import.meta.url);
if (existsSync(cli)) await import(cli.href);
else {
  process.stderr.write(
    'sallyport: Cannot start: the program is not built\nhint: run `npm ci && npm run build` in the folder of the clone\n',
  );
  process.exitCode = 3;
}
