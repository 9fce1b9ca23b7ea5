/** Lines on standard error, with the seconds since the start. */
export function createProgress(): (line: string) => void {
  const began = performance.now();
  return function progress(line) {
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    process.stderr.write(`${seconds.padStart(7)} s  ${line}\n`);
  };
}
