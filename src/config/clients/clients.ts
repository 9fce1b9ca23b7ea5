import { join } from 'node:path';

import { roaming, type Machine } from '../places.ts';

/** How a client reads `${…}` in its own file. */
export type Dialect = 'literal' | 'shell' | 'editor';

/** `user`: everywhere; `project`: one folder, often shared; `local`: one folder, kept in the user's file. */
export type Scope = 'user' | 'project' | 'local';

export type ClientFile = {
  readonly client: ClientName;
  readonly title: string;
  readonly path: string;
  readonly scope: Exclude<Scope, 'local'>;
  /** The first user file: it gets the client's own folder, all others one inside. */
  readonly primary: boolean;
  /** The folder that a project file belongs to. */
  readonly project?: string;
  /** The key whose object lists the servers. */
  readonly key: 'mcpServers' | 'servers';
  /** Whether `projects.FOLDER` holds further servers. */
  readonly hasProjects: boolean;
  readonly dialect: Dialect;
};

type Client = {
  readonly title: string;
  readonly key: ClientFile['key'];
  readonly dialect: Dialect;
  readonly hasProjects?: boolean;
  readonly user: (machine: Machine) => readonly string[];
  /** Inside the project folder. */
  readonly project?: readonly string[];
};

/** The clients `init` knows, where each keeps its servers on each platform, and how it writes them. */
const CLIENTS = {
  'claude-desktop': {
    title: 'Claude Desktop',
    key: 'mcpServers',
    dialect: 'literal',
    user: (machine) => [join(applications(machine), 'Claude', 'claude_desktop_config.json')],
  },
  'claude-code': {
    title: 'Claude Code',
    key: 'mcpServers',
    dialect: 'shell',
    hasProjects: true,
    user: ({ env, home }) => [join(env['CLAUDE_CONFIG_DIR'] || home, '.claude.json')],
    project: ['.mcp.json'],
  },
  vscode: {
    title: 'VS Code',
    key: 'servers',
    dialect: 'editor',
    user: (machine) =>
      ['Code', 'Code - Insiders'].map((edition) =>
        join(applications(machine), edition, 'User', 'mcp.json'),
      ),
    project: ['.vscode', 'mcp.json'],
  },
  cursor: {
    title: 'Cursor',
    key: 'mcpServers',
    dialect: 'editor',
    user: ({ home }) => [join(home, '.cursor', 'mcp.json')],
    project: ['.cursor', 'mcp.json'],
  },
  windsurf: {
    title: 'Windsurf',
    key: 'mcpServers',
    dialect: 'editor',
    user: ({ home }) => [join(home, '.codeium', 'windsurf', 'mcp_config.json')],
  },
} as const satisfies Record<string, Client>;

export type ClientName = keyof typeof CLIENTS;

export const CLIENT_NAMES = Object.keys(CLIENTS).filter(isClientName);

export function isClientName(name: string): name is ClientName {
  return Object.hasOwn(CLIENTS, name);
}

/** Where a client keeps its servers: the user's files, then those of the folder `cwd`. They need not exist. */
export function clientFiles(name: ClientName, machine: Machine, cwd: string): ClientFile[] {
  const client: Client = CLIENTS[name];
  const common = {
    client: name,
    title: client.title,
    key: client.key,
    dialect: client.dialect,
    hasProjects: false,
  };
  const files: ClientFile[] = client.user(machine).map((path, at) => ({
    ...common,
    path,
    scope: 'user',
    primary: at === 0,
    hasProjects: client.hasProjects === true,
  }));
  if (client.project) {
    const path = join(cwd, ...client.project);
    // In the home folder Cursor's project file is its user file.
    if (files.every((file) => file.path !== path))
      files.push({ ...common, path, scope: 'project', primary: false, project: cwd });
  }
  return files;
}

/** Where desktop programs keep their settings. */
function applications({ env, home, platform }: Machine): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  if (platform === 'win32') return roaming(env, home);
  return env['XDG_CONFIG_HOME'] || join(home, '.config');
}
