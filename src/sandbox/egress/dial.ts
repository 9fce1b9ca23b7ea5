import { connect, type Socket } from 'node:net';

/** Connects to an address, never a name, within the time of `signal`. */
export type Dial = (address: string, port: number, signal: AbortSignal) => Promise<Socket>;

/** Connects over TCP. The socket stays after `signal` fires, once it is connected. */
export async function dialTcp(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
    const aborted = (): void => void socket.destroy(new Error(`${address} does not answer`));
    signal.addEventListener('abort', aborted, { once: true });
    const settle = (): void => signal.removeEventListener('abort', aborted);
    socket.once('connect', () => {
      settle();
      socket.removeListener('error', reject);
      resolve(socket);
    });
    socket.once('error', reject).once('close', settle);
    if (signal.aborted) aborted();
  });
}
