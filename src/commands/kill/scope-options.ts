import { killScope, type KillScope } from '../../kill/kill.ts';
import { CLASSES } from '../../call.ts';
import { Fault } from '../../lib/fault.ts';

/** What `kill` and `revive` take to say what they mean. */
export const SCOPE_OPTIONS = {
  class: { type: 'string' },
  server: { type: 'string' },
  tool: { type: 'string' },
  user: { type: 'string' },
  client: { type: 'string' },
  session: { type: 'string' },
  all: { type: 'boolean', default: false },
} as const;

export const SCOPE_USAGE = `  --class C      a capability class: ${CLASSES.join(', ')}
  --server S     a server, and what it says and asks by itself
  --tool S/T     a tool, prompt or resource of a server
  --user U       a person, whatever the client
  --client C     an OAuth client; local on stdio
  --session ID   one person with one client program, as the audit has it
  --all          everything
`;

type Given = { readonly [K in keyof typeof SCOPE_OPTIONS]?: string | boolean | undefined };

/** The scope that the options name; undefined without any. Throws a `Fault` for one that is none. */
export function scopeFrom(command: string, { all, ...values }: Given): KillScope | undefined {
  const named = Object.fromEntries(
    Object.keys(SCOPE_OPTIONS).flatMap((key) => {
      const value: unknown = Reflect.get(values, key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
  const count = Object.keys(named).length;
  if (count === 0) return all === true ? {} : undefined;
  if (all === true)
    throw new Fault(`Cannot run ${command}: --all is everything, name nothing else`);
  const parsed = killScope.safeParse(named);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const key = String(issue?.path[0]);
  const expected = { class: `one of ${CLASSES.join(', ')}`, tool: 'SERVER/NAME' }[key];
  throw new Fault(`Cannot run ${command}: --${key} takes ${expected ?? 'a name'}`);
}
