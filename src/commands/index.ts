import type { Command } from './command.ts';

/** Every command by name, in the order of `--help`; loaded only when asked for, so that start-up pays for one. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.ts')).command,
  wrap: async () => (await import('./wrap.ts')).command,
  init: async () => (await import('./init.ts')).command,
  check: async () => (await import('./check.ts')).command,
  tools: async () => (await import('./tools.ts')).command,
  pin: async () => (await import('./pin.ts')).command,
  explain: async () => (await import('./explain.ts')).command,
  policy: async () => (await import('./policy.ts')).command,
  scan: async () => (await import('./scan.ts')).command,
  redteam: async () => (await import('./redteam.ts')).command,
  run: async () => (await import('./run.ts')).command,
  approvals: async () => (await import('./approvals.ts')).command,
  approve: async () => (await import('./approve.ts')).command,
  deny: async () => (await import('./deny.ts')).command,
  kill: async () => (await import('./kill.ts')).command,
  revive: async () => (await import('./revive.ts')).command,
  kills: async () => (await import('./kills.ts')).command,
  session: async () => (await import('./session.ts')).command,
  login: async () => (await import('./login.ts')).command,
  audit: async () => (await import('./audit.ts')).command,
  attest: async () => (await import('./attest.ts')).command,
  demo: async () => (await import('./demo.ts')).command,
  version: async () => (await import('./version.ts')).command,
};
