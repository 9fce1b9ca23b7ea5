import { serverName } from '../config/clients/server-name.ts';

/** What runs a program, and what stands between it and the program. */
const RUNNERS =
  /^(?:npx|uvx|node|python[\d.]*|docker|podman|deno|bun|bunx|uv|pipx|sh|bash|env|cmd)$/u;
const VERBS = /^(?:run|exec|tool|start|x|dlx)$/u;
/** Folders and files that every program has. */
const COMMON =
  /^(?:index|main|server|app|cli|mcp|start|run|__main__|dist|build|lib|src|bin|out|target|release|latest)$/u;
const MAX = 40;

/** A short name for policies and the audit: that of the package, the image or the program. */
export function wrappedName(program: string, args: readonly string[]): string {
  const words = [program, ...args].filter((word) => !/^-|^[A-Za-z_]+=|\s/u.test(word));
  const named =
    words.find(
      (word, at) =>
        !(at === 0 && RUNNERS.test(stem(word.split('/').at(-1) ?? ''))) &&
        !VERBS.test(word) &&
        !/^[A-Z_]+$/u.test(word),
    ) ?? program;
  const parts = named
    .split(/[/\\]/u)
    .map((part) => stem(part))
    .filter((part) => part !== '');
  const telling = parts.findLast((part) => !COMMON.test(part)) ?? 'server';
  const short = telling.replace(/^(?:mcp-)?server-|-(?:mcp-)?server$/gu, '').slice(0, MAX);
  return serverName(/[A-Za-z0-9]/u.test(short) ? short : 'server', new Set());
}

/** Without version, tag or extension: `server-git@1.2` and `index.js` are `server-git` and `index`. */
function stem(part: string): string {
  return part.replace(/(?<=.)[@:].*$/u, '').replace(/\.(?:[cm]?[jt]s|py|exe|sh|jar)$/u, '');
}
