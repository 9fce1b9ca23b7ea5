#!/usr/bin/env node
/** Writes the sample database: node dist/servers/tickets/seed.js FILE */
import { writeSample } from './sample.ts';

const [path] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write('sallyport-tickets: Cannot write the sample: name the file\n');
  process.exitCode = 2;
} else writeSample(path);
