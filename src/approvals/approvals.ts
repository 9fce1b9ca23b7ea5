import { randomBytes } from 'node:crypto';
import type { AuditKey } from '../audit/key.ts';
import type { Call } from '../call.ts';
import { canonicalJson } from '../lib/json.ts';
import { bindingOf, idOf, ofPerson } from './binding.ts';
import { createFiles, ForeignFile, type FileKind } from './files.ts';
import { digestOf, ID, openReceipt, openRequest, seal } from './statement.ts';
import type { Decision, Receipt, Request, Way } from './statement.ts';

/** How long a request waits for a person, and how long what was said of it counts. Milliseconds. */
const WAITS = 3_600_000;
const COUNTS = { approved: 900_000, denied: 3_600_000 } as const satisfies Record<Decision, number>;
/** When nothing of a request can count any more. */
const OVER = WAITS + Math.max(...Object.values(COUNTS));
/** Requests of one person that nobody has answered, and of all, answered or not. */
const MAX_WAITING = 16;
const MAX_KEPT = 4096;

export type ApprovalsOptions = {
  /** Folder of the state. */
  readonly path: string;
  readonly key: () => AuditKey;
  /** As `Date.now`. */
  readonly now: () => number;
  /** Takes what stands in the state and came from nobody who may write there. */
  readonly onForged: (id: string, why: string) => void;
};

/** What a person is shown of a call besides who wants to make it. */
export type Shown = Request['shown'];

/** A request, and what was said of it so far. */
export type Entry = { readonly request: Request; readonly receipt: Receipt | undefined };

export type Said = 'waits' | 'none' | Receipt;

/** `answered`: another answer was there before; `spent`: the call was let through on it; `over`: nobody asks any more. */
export type Kept = 'kept' | 'answered' | 'spent' | 'over';

export type Approvals = {
  /** Makes the request for a call, kept nowhere yet. `policy` is the digest of the policies in force. */
  readonly requestFor: (call: Call, shown: Shown, policy: string) => Request;
  /** Keeps it for a person to answer from another process; the one that waits already where there is one. */
  readonly leave: (request: Request) => Request | 'full';
  /**
   * What a person said of this very call. A yes is given out once, whoever asks; what this state's key did not sign was
   * not said. Throws a `Fault` where the state cannot be trusted.
   */
  readonly take: (request: Request) => Said;
  /** Nobody needs to answer it any more, nor can. */
  readonly withdraw: (request: Request) => void;
  /** Signs what a person said, to be kept or not. */
  readonly decide: (request: Request, decision: Decision, by: Way) => Receipt;
  /** Keeps it for the gateway to find. A no takes a yes back, unless that was `spent`. */
  readonly answer: (receipt: Receipt) => Kept;
  readonly find: (id: string) => Entry | undefined;
  /** Removes what cannot count any more. Throws a `Fault` where the state cannot be trusted. */
  readonly sweep: () => void;
  /** Oldest first, after a sweep. What was forged is not in it. */
  readonly list: () => readonly Entry[];
};

/** Requests and answers of all processes of this user, in files that each of them checks before it believes them. */
export function createApprovals({ path, key, now, onForged }: ApprovalsOptions): Approvals {
  const files = createFiles(path, now);

  function find(id: string): Entry | undefined {
    // The id comes from a command line, and becomes part of a path.
    if (!ID.test(id)) return undefined;
    const request = readAs('request', id, openRequest);
    if (request?.id !== id) return undefined;
    const said = readAs('receipt', id, openReceipt);
    const receipt = said && speaksOf(said, request) ? said : undefined;
    return isOver(receipt ?? request) ? undefined : { request, receipt };
  }

  function readAs<T>(
    kind: FileKind,
    id: string,
    open: (line: Buffer, publicKey: string) => T | undefined,
  ): T | undefined {
    try {
      const line = files.read(kind, id);
      if (line === undefined) return undefined;
      const statement = open(line, key().publicKey);
      if (statement === undefined) onForged(id, `the ${kind} was not written by a gateway`);
      return statement;
    } catch (thrown) {
      if (!(thrown instanceof ForeignFile)) throw thrown;
      onForged(id, thrown.message);
      return undefined;
    }
  }

  function isSpent(receipt: Receipt | undefined): boolean {
    return receipt !== undefined && files.madeAt('spent', receipt.nonce) !== undefined;
  }

  function isOver({ expires }: Request | Receipt): boolean {
    return Date.parse(expires) <= now();
  }

  function inTime(ms: number): string {
    return new Date(now() + ms).toISOString();
  }

  function remove(id: string): void {
    files.remove('receipt', id);
    files.remove('request', id);
  }

  function ageOf(kind: FileKind, name: string): number {
    return now() - (files.madeAt(kind, name) ?? 0);
  }

  /** Arguments lie in requests as they are: not longer than somebody may want to read them. */
  function sweep(): void {
    const answered = new Set(files.names('receipt'));
    for (const kind of ['request', 'receipt', 'spent'] as const)
      for (const name of files.names(kind)) {
        const lasts = kind === 'request' && !answered.has(name) ? WAITS : OVER;
        if (ageOf(kind, name) > lasts) files.remove(kind, name);
      }
  }

  function isFull(request: Request): boolean {
    const answered = new Set(files.names('receipt'));
    const kept = files.names('request');
    const person = ofPerson(request.binding, key());
    const waiting = kept.filter(
      (id) => id.startsWith(person) && !answered.has(id) && ageOf('request', id) < WAITS,
    );
    return waiting.length >= MAX_WAITING || kept.length >= MAX_KEPT;
  }

  return {
    requestFor(call, shown, policy) {
      const binding = bindingOf(call, policy, key());
      return {
        version: 1,
        kind: 'request',
        id: idOf(binding, key()),
        nonce: randomBytes(16).toString('hex'),
        traceId: call.traceId,
        at: inTime(0),
        expires: inTime(WAITS),
        binding,
        shown,
      };
    },
    leave(request) {
      const before = find(request.id);
      if (before && !isSpent(before.receipt)) return before.request;
      // What is there is over, forged, or answered and spent.
      remove(request.id);
      sweep();
      if (isFull(request)) return 'full';
      if (files.create('request', request.id, seal(request, key().sign))) return request;
      return find(request.id)?.request ?? 'full';
    },
    take(request) {
      const entry = find(request.id);
      if (!entry || canonicalJson(entry.request.binding) !== canonicalJson(request.binding))
        return 'none';
      const { receipt } = entry;
      if (!receipt) return 'waits';
      if (receipt.decision === 'denied') return receipt;
      // The one moment in which a yes is spent: whoever makes this file has it, on however many ways it is asked for.
      if (!files.create('spent', receipt.nonce, '')) return 'none';
      // A no that came meanwhile has either found it spent, or is there now.
      const last = find(request.id)?.receipt;
      if (last?.decision === 'denied') return last;
      remove(request.id);
      return receipt;
    },
    withdraw: ({ id }) => remove(id),
    decide: (request, decision, by) => ({
      version: 1,
      kind: 'receipt',
      id: request.id,
      nonce: request.nonce,
      request: digestOf(request),
      definition: request.binding.definition,
      policy: request.binding.policy,
      arguments: request.binding.arguments,
      decision,
      by,
      at: inTime(0),
      expires: inTime(COUNTS[decision]),
    }),
    answer(receipt) {
      const text = seal(receipt, key().sign);
      if (!files.create('receipt', receipt.id, text)) {
        if (receipt.decision !== 'denied' && find(receipt.id)?.receipt) return 'answered';
        files.replace('receipt', receipt.id, text);
      }
      if (isSpent(receipt)) return receipt.decision === 'denied' ? 'spent' : 'kept';
      return find(receipt.id)?.request.nonce === receipt.nonce ? 'kept' : 'over';
    },
    find,
    sweep,
    list() {
      sweep();
      const entries = files.names('request').flatMap((id) => {
        const entry = find(id);
        return entry ? [entry] : [];
      });
      return entries.toSorted((a, b) => (a.request.at < b.request.at ? -1 : 1));
    },
  };
}

/** An answer of an earlier asking has another nonce, one to another call another digest. */
function speaksOf(receipt: Receipt, request: Request): boolean {
  return (
    receipt.id === request.id &&
    receipt.nonce === request.nonce &&
    receipt.request === digestOf(request)
  );
}
