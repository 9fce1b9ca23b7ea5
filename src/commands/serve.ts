import { createLog } from '../audit/log.ts';
import { createRedact } from '../audit/redact.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { Fault } from '../lib/fault.ts';
import { serveGateway } from '../serve-gateway.ts';
import type { Command, Io } from './command.ts';
import { parseOptions } from './parse-options.ts';

export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export const command = {
  summary: 'the gateway, on stdio or over HTTP',
  usage: `Usage: sallyport serve [--config FILE] [--http [HOST:]PORT] [--log-level LEVEL]

Serves MCP on standard input and output, or with --http over Streamable HTTP at /mcp to callers with a token, which needs
identity.http in the configuration. Logs go to stderr: readable at a terminal, JSON lines elsewhere. SIGHUP reads the
policies again, where no terminal is hung up by it.

  --config FILE        the configuration; by default $SALLYPORT_CONFIG, ./sallyport.yaml,
                       $XDG_CONFIG_HOME/sallyport/sallyport.yaml
  --http [HOST:]PORT   serve over HTTP; 127.0.0.1 unless a host is given
  --log-level LEVEL    ${LEVELS.join(', ')} (default info)

Exit code: 0 the client has gone or a signal came, 2 wrong use or configuration, 3 the environment lacks something.
`,
  async run(argv, io) {
    const { values } = parseOptions('serve', argv, {
      config: { type: 'string' },
      http: { type: 'string' },
      'log-level': { type: 'string' },
    });
    const { config: path, http } = values;
    const config = await loadConfig({
      ...(path === undefined ? {} : { path }),
      env: io.env,
      cwd: io.cwd,
    });
    return await serveGateway({
      config,
      io,
      http,
      single: false,
      log: logOf(config, io, values['log-level']),
    });
  },
} satisfies Command;

/** The log of a serving process: readable at a terminal, JSON lines elsewhere. */
export function logOf(
  { secrets }: Pick<Config, 'secrets'>,
  io: Io,
  level: string | undefined,
): ReturnType<typeof createLog> {
  const known = LEVELS.find((one) => one === (level ?? 'info'));
  if (known === undefined)
    throw new Fault(`Cannot log at ${JSON.stringify(level)}: there is no such level`, {
      hint: `one of ${LEVELS.join(', ')}`,
    });
  return createLog({
    destination: io.stderr,
    pretty: 'isTTY' in io.stderr && io.stderr.isTTY === true,
    level: known,
    redact: createRedact({ secrets }),
  });
}
