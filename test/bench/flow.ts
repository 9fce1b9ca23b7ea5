import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openAuditKey } from '../../src/audit/key.ts';
import { createHandles } from '../../src/handles/handles.ts';
import { createKillFiles, newKillId } from '../../src/kill/kill-files.ts';
import { createSwitches } from '../../src/kill/switches.ts';
import { createLabelFiles } from '../../src/labels/label-files.ts';
import { createLabels } from '../../src/labels/labels.ts';
import { createServerLabelFiles } from '../../src/labels/server-label-files.ts';
import { createServerLabels } from '../../src/labels/server-labels.ts';
import { createSessions } from '../../src/session.ts';
import { createSuspicion } from '../../src/suspicion/suspicion.ts';
import { createEventFiles } from '../../src/suspicion/event-files.ts';
import { ms, quantile, repeat, type Row } from './measure.ts';

const LIMIT_MS = 0.1;
const caller = {
  issuer: 'local',
  subject: 'alice',
  client: 'local',
  groups: ['eng'],
  scopes: [],
  assurance: 0,
};

/** What labels, kill switches and handles add to one call, and what they leave in memory. */
export async function flowRows(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-bench-flow-'));
  try {
    const key = openAuditKey(join(folder, 'key.json'));
    const quiet = { now: Date.now, onProblem: () => undefined };
    const suspicion = createSuspicion({
      ...quiet,
      files: createEventFiles(join(folder, 'suspicion'), () => key, Date.now),
    });
    const labels = createLabels({
      ...quiet,
      files: createLabelFiles(join(folder, 'labels'), () => key, Date.now),
    });
    const serverLabels = createServerLabels({
      ...quiet,
      files: createServerLabelFiles(join(folder, 'servers'), () => key, Date.now),
      reach: () => 'everybody',
    });
    const shared = { suspicion, labels, serverLabels, now: Date.now };
    const sessions = createSessions({ ...shared, idOf: (who) => who });
    const files = createKillFiles(join(folder, 'kills'), () => key, Date.now);
    for (let count = 0; count < 20; count++)
      files.write({
        id: newKillId(),
        scope: { user: `somebody ${count}` },
        time: 1,
        by: 'owner',
        reason: 'r',
      });
    const switches = createSwitches({
      ...quiet,
      files,
      thrownBefore: () => [],
      isQuarantined: (who) => suspicion.band(who) >= 3,
    });
    const session = sessions.open(caller);
    session.addLabels(['untrusted', 'private']);
    const call = {
      session,
      subject: { server: 'files', name: 'read', classes: ['read'] },
    } as const;
    const signal = new AbortController().signal;
    const labelled = await repeat(3000, () => {
      sessions.touch(caller);
      session.addLabels(['untrusted']);
      return [...session.labels, ...(session.foreignLabels ?? [])];
    });
    session.told?.gave('files', ['private'], true);
    const unread = await repeat(3000, () => {
      session.told?.gave('files', ['private'], true);
      return [
        ...(session.told?.inResults('files') ?? []),
        ...(session.told?.inSpeech('mail') ?? []),
      ];
    });
    const killed = await repeat(3000, async () => {
      await switches.unlessKilled(call, signal, async () => await Promise.resolve(0));
    });
    const handles = createHandles(Date.now);
    const text = { content: [{ type: 'text', text: 'a line of prose. '.repeat(240) }] };
    const handled = await repeat(3000, () => {
      const shown = JSON.stringify(handles.keep(caller, text, ['untrusted']));
      const [ref = ''] = /ref:[\w-]{22}/u.exec(shown) ?? [];
      return handles.resolve(caller, { to: 'somebody', body: ref });
    });
    switches.close();
    suspicion.close();
    return [
      row('labels: read, joined, and the session touched', labelled),
      row('labels of servers: a value given unread, and asked before and after', unread),
      row('kill switches: before and after a call, 20 kills', killed),
      row('handles: 4 KB kept, and put into arguments', handled),
      memoryRow(),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function row(what: string, values: readonly number[]): Row {
  const p50 = quantile(values, 0.5);
  return {
    what: `${what}, p50 / p95`,
    value: `${ms(p50)} / ${ms(quantile(values, 0.95))}`,
    target: `p50 ≤ ${LIMIT_MS} ms`,
    met: p50 <= LIMIT_MS,
  };
}

/** Ten thousand handles of a thousand people, and as many again. */
function memoryRow(): Row {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  const heap = (): number => {
    if (typeof collect === 'function') Reflect.apply(collect, undefined, []);
    return process.memoryUsage().heapUsed / 1_048_576;
  };
  const limits = { most: 100, bytes: 1_048_576, totalBytes: 8_388_608 };
  const handles = createHandles(Date.now, limits);
  let made = 0;
  const fill = (): void => {
    for (let count = 0; count < 10_000; count++) {
      const text = `${made++} ${'x'.repeat(2000)}`;
      const content = [{ type: 'text', text }];
      handles.keep({ ...caller, subject: `p${count % 1000}` }, { content }, ['untrusted']);
    }
  };
  fill();
  const before = heap();
  for (let round = 0; round < 4; round++) fill();
  const grown = heap() - before;
  return {
    what: 'handles: heap after 50,000 of 1,000 people against 10,000',
    value: `${grown.toFixed(1)} MiB more`,
    target: '≤ 2 MiB',
    met: grown <= 2,
  };
}
