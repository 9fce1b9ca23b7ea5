#!/usr/bin/env node
/** Writes a world: node dist/servers/worlds/seed.js WORLD FILE */
import { WORLDS, writeWorld, type WorldName } from './worlds.ts';

const [name = '', path] = process.argv.slice(2);
const isWorld = (world: string): world is WorldName => Object.hasOwn(WORLDS, world);
if (!isWorld(name) || path === undefined) {
  const worlds = Object.keys(WORLDS).join(', ');
  process.stderr.write(`sallyport-worlds: Cannot write: name one of ${worlds} and a file\n`);
  process.exitCode = 2;
} else writeWorld(name, path);
