// Leads fetch, http and https of a Node program to the socket of its sandbox. Loaded before the program; a program that
// undoes it reaches nobody.
'use strict';
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const tls = require('node:tls');

const SOCKET = '/run/egress/s';
const isHere = (host) => /^(?:localhost|127\..*|\[?::1\]?)$/.test(host);

function tunnel(host, port, done) {
  const socket = net.connect(SOCKET);
  let said = '';
  const fail = (error) => {
    socket.destroy();
    done(error);
  };
  const take = (chunk) => {
    said += chunk.toString('latin1');
    const end = said.indexOf('\r\n\r\n');
    if (end === -1) return;
    socket.off('data', take).off('error', fail).pause();
    if (said.startsWith('HTTP/1.1 200 ')) return done(null, socket);
    fail(new Error(`Cannot connect to ${host}:${port}: ${said.slice(end + 4).trim()}`));
  };
  socket.on('data', take).on('error', fail);
  socket.write(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
}

class Plain extends http.Agent {
  addRequest(request, options) {
    const { host, port } = options;
    if (isHere(host) || options.socketPath) return super.addRequest(request, options);
    request.path = `http://${host}:${port}${request.path}`;
    return super.addRequest(request, { ...options, socketPath: SOCKET });
  }
}

class Secure extends https.Agent {
  createConnection(options, done) {
    const { host, port, servername = host } = options;
    if (isHere(host) || options.socketPath) return super.createConnection(options, done);
    tunnel(host, port, (error, socket) => {
      if (error) done(error);
      else done(null, tls.connect({ ...options, socket, servername, path: undefined }));
    });
    return undefined;
  }
}

http.globalAgent = new Plain();
https.globalAgent = new Secure();

// Node shows its fetch's dispatcher under this name once it is loaded, which asking for Headers does.
const DISPATCHER = Symbol.for('undici.globalDispatcher.1');
void globalThis.Headers;
const { constructor: Agent } = globalThis[DISPATCHER] ?? {};
if (Agent) {
  const direct = globalThis[DISPATCHER];
  const agent = new Agent({
    connect({ hostname, port, protocol, servername }, done) {
      if (protocol === 'http:') {
        const socket = net.connect(SOCKET, () => done(null, socket));
        socket.once('error', (error) => done(error));
        return;
      }
      tunnel(hostname, port || 443, (error, socket) => {
        if (error) return done(error);
        const options = { socket, servername: servername || hostname, ALPNProtocols: ['http/1.1'] };
        const secured = tls.connect(options, () => done(null, secured));
        secured.once('error', (failure) => done(failure));
      });
    },
  });
  globalThis[DISPATCHER] = {
    dispatch(options, handler) {
      const { protocol, origin, hostname } = new URL(options.origin);
      if (isHere(hostname)) return direct.dispatch(options, handler);
      const path = protocol === 'http:' ? `${origin}${options.path}` : options.path;
      return agent.dispatch({ ...options, path }, handler);
    },
  };
}
