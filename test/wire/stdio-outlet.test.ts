import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { test } from 'node:test';
import type { Frame } from '../../src/wire/channel.ts';
import { createOutlet } from '../../src/wire/stdio-outlet.ts';
import { until } from '../support/until.ts';

const KB = 'x'.repeat(1000);
const answer = (id: number): Frame => ({ jsonrpc: '2.0', id, result: { KB } });
const note = (n: number): Frame => ({ jsonrpc: '2.0', method: 'notifications/x', params: { n } });
const question = (id: number): Frame => ({ jsonrpc: '2.0', id, method: 'roots/list' });

/** A pipe whose reader takes nothing until it is told to. */
function slowReader(): { output: Writable; readonly got: string[]; read: () => void } {
  const got: string[] = [];
  let reading = false;
  let next: (() => void) | undefined;
  return {
    got,
    output: new Writable({
      // As a pipe: far below the bounds of the outlet.
      highWaterMark: 1000,
      write(chunk: Buffer, _encoding, done) {
        got.push(chunk.toString());
        if (reading) done();
        else next = done;
      },
    }),
    read() {
      reading = true;
      next?.();
    },
  };
}

function outlet(limits = { queueBytes: 10_000, stuckBytes: 50_000 }): ReturnType<
  typeof slowReader
> & {
  readonly input: PassThrough;
  readonly dropped: Frame[];
  readonly stuck: () => number;
  readonly write: (frame: Frame) => void;
} {
  const reader = slowReader();
  const input = new PassThrough();
  input.resume();
  const dropped: Frame[] = [];
  let stuck = 0;
  const write = createOutlet({
    ...reader,
    input,
    limits,
    onDropped: (frame) => dropped.push(frame),
    onStuck: () => stuck++,
  });
  return { ...reader, input, dropped, write, stuck: () => stuck };
}

test('who does not read is not heard until it has read, and then gets every answer', async () => {
  const { input, write, read, got, dropped, stuck } = outlet();
  for (let id = 0; id < 9; id++) write(answer(id));
  assert.equal(input.isPaused(), false);
  for (let id = 9; id < 20; id++) write(answer(id));
  assert.equal(input.isPaused(), true);
  read();
  await until(() => !input.isPaused());
  assert.deepEqual(
    got.map((line): unknown => JSON.parse(line)),
    Array.from({ length: 20 }, (_, id) => answer(id)),
  );
  assert.deepEqual([dropped.length, stuck()], [0, 0]);
});

test('what nobody waits for is dropped while too much is unread, and passes afterwards', async () => {
  const { write, read, got, dropped, input } = outlet();
  write(note(0));
  for (let id = 0; id < 12; id++) write(answer(id));
  write(note(1));
  write(question(2));
  assert.deepEqual(dropped, [note(1), question(2)]);
  read();
  await until(() => !input.isPaused());
  write(note(3));
  assert.deepEqual(
    got.filter((line) => line.includes('method')).map((line): unknown => JSON.parse(line)),
    [note(0), note(3)],
  );
});

test('who leaves more than may wait is given up', () => {
  const { write, stuck, output } = outlet();
  for (let id = 0; id < 45; id++) write(answer(id));
  assert.equal(stuck(), 0);
  for (let id = 45; id < 60; id++) write(answer(id));
  assert.ok(stuck() > 0);
  assert.ok(output.writableLength < 70_000);
});
