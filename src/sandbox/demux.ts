const HEADER = 8;

/**
 * Splits Docker's attach stream: a header of 8 bytes (stream, three zeros, length), then the bytes. Holds no more than
 * one header. Docker's client has its own, which recurses once a frame: a program that writes single bytes ends it.
 */
export function createDemux(
  onChunk: (stream: 'stdout' | 'stderr', chunk: Buffer) => void,
): (data: Buffer) => void {
  const header = Buffer.alloc(HEADER);
  let filled = 0;
  let remaining = 0;
  return function demux(data) {
    for (let at = 0; at < data.length;) {
      if (remaining === 0) {
        const copied = data.copy(header, filled, at, at + HEADER - filled);
        at += copied;
        filled += copied;
        if (filled < HEADER) return;
        filled = 0;
        remaining = header.readUInt32BE(4);
        continue;
      }
      const chunk = data.subarray(at, at + remaining);
      at += chunk.length;
      remaining -= chunk.length;
      onChunk(header[0] === 2 ? 'stderr' : 'stdout', chunk);
    }
  };
}
