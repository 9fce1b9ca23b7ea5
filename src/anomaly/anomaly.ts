import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import type { Call } from '../call.ts';
import { withFileMutex } from '../lib/file-mutex.ts';
import { writeFileAtomic } from '../lib/write-file.ts';
import { personOf } from '../person.ts';
import { readPrivateFile } from '../state/private-file.ts';
import { createFeaturesOf } from './features.ts';
import { emptyProfile, learn, profiles, scoreOf, type Feature } from './profile.ts';
import type { Profile, Score } from './profile.ts';

export type AnomalyOptions = {
  readonly path: string;
  readonly now: () => number;
  readonly digest: (text: string) => string;
  /** The owner's. */
  readonly zones?: Readonly<Record<string, readonly string[]>>;
  /** Takes why statistics could not be read or written; calls go on without a score. */
  readonly onProblem: (thrown: unknown) => void;
};

/** Statistics of arguments, shared by the processes of one state. */
export type Anomaly = {
  /** Undefined where too little is known. Never throws. */
  readonly scoreOf: (call: Asked) => Score | undefined;
  /** Of a call that was allowed and ended well. Never throws. */
  readonly learn: (call: Call) => void;
  /** Writes what was learned. Never rejects. */
  readonly flush: () => Promise<void>;
};

type Asked = Pick<Call, 'method' | 'subject' | 'args'>;

type Lesson = {
  readonly tool: string;
  readonly hash: string;
  readonly features: readonly Feature[];
  readonly teacher: string;
  readonly day: number;
};
type Profiles = Record<string, Profile>;

const DAY_MS = 86_400_000;
const LOOK_MS = 2000;
const FLUSH_MS = 1000;
const MAX_LESSONS = 1000;
const MAX_TOOLS = 500;
const MAX_BYTES = 16_777_216;

export function createAnomaly(options: AnomalyOptions): Anomaly {
  const { path, now, digest, zones = {}, onProblem } = options;
  const short = (text: string): string => digest(text).slice(0, 16);
  const featuresOf = createFeaturesOf({ digest: short, zones, home: homedir() });
  let tools: Profiles = {};
  let lookedAt = -Infinity;
  let stamp = '';
  let isBroken = false;
  let lessons: Lesson[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  return {
    scoreOf(call) {
      const known = guarded(() => {
        look();
        return tools[toolOf(call)];
      });
      if (known?.hash !== call.subject.hash) return undefined;
      return guarded(() => scoreOf(known, featuresOf(call)));
    },
    learn(call) {
      guarded(() => {
        if (lessons.length >= MAX_LESSONS) return;
        lessons.push({
          tool: toolOf(call),
          hash: call.subject.hash,
          features: featuresOf(call),
          teacher: short(personOf(call.session.caller)),
          day: Math.floor(now() / DAY_MS),
        });
        timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
      });
    },
    flush,
  };

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write).catch(onProblem);
    await writing;
  }

  async function write(): Promise<void> {
    if (lessons.length === 0) return;
    await withFileMutex(`${path}.lock`, { now, deadline: 5000 }, async (held) => {
      const taken = lessons;
      lessons = [];
      // Of this moment, so that nothing that another process has learned is lost.
      const fresh = read();
      // Neither a link nor a file that others may write is written through.
      if (isBroken) await rm(path, { force: true });
      for (const lesson of taken) {
        const before = Object.hasOwn(fresh, lesson.tool) ? fresh[lesson.tool] : undefined;
        if (!before && Object.keys(fresh).length >= MAX_TOOLS) continue;
        const known = before?.hash === lesson.hash ? before : emptyProfile(lesson.hash);
        learn(known, lesson.features, lesson);
        fresh[lesson.tool] = known;
      }
      const text = JSON.stringify({ version: 1, tools: fresh });
      if (text.length <= MAX_BYTES && (await held())) await writeFileAtomic(path, text, 0o600);
      tools = fresh;
      stamp = stampNow();
    });
  }

  /** Other processes learn too. */
  function look(): void {
    if (now() - lookedAt < LOOK_MS) return;
    lookedAt = now();
    const seen = stampNow();
    if (seen === stamp) return;
    stamp = seen;
    tools = {};
    tools = read();
  }

  function stampNow(): string {
    const found = statSync(path, { throwIfNoEntry: false });
    return found ? `${found.ino} ${found.mtimeMs} ${found.size}` : '';
  }

  /** Without prototypes: names of tools are keys. What cannot be believed is begun anew. */
  function read(): Profiles {
    const empty: Profiles = Object.create(null);
    isBroken = false;
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) return empty;
    try {
      if (found.size > MAX_BYTES) throw new RangeError('the statistics are too long');
      return Object.assign(empty, profiles.parse(JSON.parse(readPrivateFile(path))).tools);
    } catch (thrown) {
      isBroken = true;
      onProblem(thrown);
      return empty;
    }
  }

  /** A score is a help, and its absence is told to policies. */
  function guarded<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (thrown) {
      onProblem(thrown);
      return undefined;
    }
  }
}

function toolOf({ subject: { server, name } }: Asked): string {
  return `${server}/${name}`;
}
