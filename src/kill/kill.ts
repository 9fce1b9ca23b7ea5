import * as z from 'zod';
import { CLASSES, type CapabilityClass, type Session, type Subject } from '../call.ts';

/** What a kill covers: everything named must be so. Nothing named: every call of everybody. */
export const killScope = z.strictObject({
  class: z.enum(CLASSES).optional(),
  server: z.string().min(1).optional(),
  /** `server/name`, of a prompt or resource as well. */
  tool: z
    .string()
    .regex(/^[^/]+\/.+$/su)
    .optional(),
  user: z.string().min(1).optional(),
  client: z.string().min(1).optional(),
  /** Id of a session, as the audit has it. */
  session: z.string().min(1).optional(),
});
export type KillScope = z.infer<typeof killScope>;

const decision = { time: z.int(), by: z.string(), reason: z.string() };

export const killRecord = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{16}$/u),
  scope: killScope,
  ...decision,
  /** Milliseconds since 1970; absent: until it is revived. */
  expires: z.int().optional(),
  revived: z.strictObject(decision).optional(),
});
export type Kill = z.infer<typeof killRecord>;

/** As much of a kill as is needed to miss it. */
export type Thrown = Pick<Kill, 'id' | 'time'> & Partial<Pick<Kill, 'expires' | 'revived'>>;

/** What of a call a kill looks at. Without `classes` and `name`: something a server says by itself. */
export type Killable = {
  readonly server: string;
  readonly name?: string;
  readonly classes?: readonly CapabilityClass[];
  readonly session: Pick<Session, 'id' | 'caller'>;
};

/** As much of a call as it takes. */
export type KillableCall = {
  readonly session: Killable['session'];
  readonly subject: Pick<Subject, 'server' | 'name' | 'classes'>;
};

export function killable({ session, subject }: KillableCall): Killable {
  const { server, name, classes } = subject;
  return { server, name, classes, session };
}

export function isInForce({ revived, expires }: Thrown, now: number): boolean {
  return revived === undefined && (expires === undefined || now < expires);
}

export function covers({ scope }: Pick<Kill, 'scope'>, call: Killable): boolean {
  const { id, caller } = call.session;
  return (
    (scope.class === undefined || call.classes?.includes(scope.class) === true) &&
    (scope.server === undefined || scope.server === call.server) &&
    (scope.tool === undefined || scope.tool === `${call.server}/${call.name ?? ''}`) &&
    (scope.user === undefined || scope.user === caller.subject) &&
    (scope.client === undefined || scope.client === caller.client) &&
    (scope.session === undefined || scope.session === id)
  );
}

/** In words: `class destructive, user bob`; `everything` for a scope that names nothing. */
export function scopeInWords(scope: KillScope): string {
  const parts = Object.entries(scope).map(([key, value]) => `${key} ${value}`);
  return parts.length === 0 ? 'everything' : parts.join(', ');
}
