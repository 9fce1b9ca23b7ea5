#!/usr/bin/env node
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { packageVersion } from '../../src/lib/package-root.ts';
import { createAudit } from './audit.ts';
import { openTickets } from './database.ts';
import { createTicketsHttp } from './http-server.ts';

const USAGE = `Usage: node dist/servers/tickets/server.js --database FILE --audit FILE --issuer URL --jwks URL
         --resource URL --actor CLIENT [--actor CLIENT …] --port PORT

Listens on the loopback address. --resource is its public URL and the only audience it accepts; --actor is who may act for
people here: the client id of the gateway.
`;

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    database: text,
    audit: text,
    issuer: text,
    jwks: text,
    resource: text,
    port: text,
    actor: { type: 'string', multiple: true },
  },
});
const { database, audit, issuer, jwks, resource, port, actor } = values;
if (!database || !audit || !issuer || !jwks || !resource || !port || !actor) {
  process.stderr.write(USAGE);
  process.exit(2);
}
const tickets = openTickets(database);
const now = (): Date => new Date();
const http = createServer(
  createTicketsHttp({
    tickets,
    audit: createAudit(audit, now),
    now,
    issuer,
    jwks: new URL(jwks),
    resource,
    actors: actor,
    version: packageVersion(),
  }),
);
http.listen(Number(port), '127.0.0.1', () =>
  process.stderr.write(`sallyport-tickets: listening for ${resource}\n`),
);

function end(): void {
  http.close(() => tickets.close());
  http.closeAllConnections();
}
process.once('SIGINT', end).once('SIGTERM', end);
