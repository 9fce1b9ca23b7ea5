/** `sallyport serve --config FILE [--http …]` for one server that keeps its names, as `sallyport wrap` does on stdio. */
// oxlint-disable-next-line import/no-unassigned-import -- must run before anything else loads
import '../../src/policy/v8-flag.ts';

import { logOf } from '../../src/commands/serve.ts';
import { loadConfig } from '../../src/config/load.ts';
import { serveGateway } from '../../src/serve-gateway.ts';

const { stdin, stdout, stderr, env } = process;
const io = { stdin, stdout, stderr, env, cwd: process.cwd() };
const [path = '', http] = process.argv.slice(2);
const config = await loadConfig({ path, env, cwd: io.cwd });
process.exitCode = await serveGateway({
  config,
  io,
  http,
  single: true,
  log: logOf(config, io, 'info'),
});
// A server behind it that does not end must not keep it.
process.exit();
