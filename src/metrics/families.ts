import type { Family } from './registry.ts';

/** Seconds. The budgets of a call's stages, 2, 5, 10 and 15 ms, are bounds: whether one is kept can be read. */
const STAGE = [
  0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
  60, 300,
] as const; // prettier-ignore
/** From a warm container, 10 and 40 ms, to an image that is built first. */
const SANDBOX = [
  0.002, 0.005, 0.01, 0.02, 0.04, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 10, 30, 60,
] as const; // prettier-ignore
const LAG = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const;

/** Every name there is. A new one is a new row here and in docs/metrics.md. */
export const FAMILIES = {
  build: {
    name: 'sallyport_build',
    kind: 'info',
    help: 'Versions of the gateway and of Node.',
  },
  calls: {
    name: 'sallyport_calls',
    kind: 'counter',
    help: 'Calls that ended, by how, by denial code where there is one, and by server where it was found.',
  },
  stage: {
    name: 'sallyport_stage_seconds',
    kind: 'histogram',
    help: 'Time a call spent in each stage, the one that refused it included.',
    bounds: STAGE,
  },
  verdicts: {
    name: 'sallyport_scan_verdicts',
    kind: 'counter',
    help: 'Verdicts of the detector on what calls brought back; block: it was withheld.',
  },
  upstreamUp: {
    name: 'sallyport_upstream_up',
    kind: 'gauge',
    help: 'Whether a connection to the server is ready; the last known while no client is connected, absent before the first.',
  },
  upstreamConnections: {
    name: 'sallyport_upstream_connections',
    kind: 'gauge',
    help: 'Connections to the server, one for each client connection, that are ready or down.',
  },
  connections: {
    name: 'sallyport_connections',
    kind: 'gauge',
    help: 'Client connections that are open.',
  },
  records: {
    name: 'sallyport_audit_records',
    kind: 'counter',
    help: 'Records of the audit that this process has written, by event.',
  },
  auditFailures: {
    name: 'sallyport_audit_failures',
    kind: 'counter',
    help: 'Records that could not be written; calls are refused meanwhile.',
  },
  sandboxStart: {
    name: 'sallyport_sandbox_start_seconds',
    kind: 'histogram',
    help: 'Time from a free place to a sandbox that is ready.',
    bounds: SANDBOX,
  },
  sandboxStarts: {
    name: 'sallyport_sandbox_starts',
    kind: 'counter',
    help: 'Sandboxes by where they came from: hot, ready before the call; standard, made for it; escalation, made for it because its risk wants a fresh one.',
  },
  sandboxWait: {
    name: 'sallyport_sandbox_wait_seconds',
    kind: 'histogram',
    help: 'Time programs waited for a place, those that gave up included.',
    bounds: SANDBOX,
  },
  sandboxQueue: {
    name: 'sallyport_sandbox_queue_depth',
    kind: 'gauge',
    help: 'Programs that wait for a place.',
  },
  lag: {
    name: 'sallyport_event_loop_lag_seconds',
    kind: 'histogram',
    help: 'How late a timer of 100 ms was: whatever keeps one caller busy keeps all waiting.',
    bounds: LAG,
  },
  cpu: {
    name: 'process_cpu_seconds',
    kind: 'counter',
    help: 'User and system time of this process.',
  },
  started: {
    name: 'process_start_time_seconds',
    kind: 'gauge',
    help: 'Start of this process, since 1970.',
  },
  resident: {
    name: 'process_resident_memory_bytes',
    kind: 'gauge',
    help: 'Resident memory of this process.',
  },
  openFiles: {
    name: 'process_open_fds',
    kind: 'gauge',
    help: 'Open file descriptors.',
  },
  maxFiles: {
    name: 'process_max_fds',
    kind: 'gauge',
    help: 'How many file descriptors may be open.',
  },
  heap: {
    name: 'nodejs_heap_size_used_bytes',
    kind: 'gauge',
    help: 'Heap of V8 in use.',
  },
  external: {
    name: 'nodejs_external_memory_bytes',
    kind: 'gauge',
    help: 'Memory of objects outside the heap of V8.',
  },
} as const satisfies Record<string, Family>;
