/** A node:test reporter: one JSON line per finished test, for the counts of test/run.mjs. */
export default async function* report(source) {
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details?.type === 'suite') continue;
    const skipped = data.skip !== undefined && data.skip !== false;
    const reason = typeof data.skip === 'string' ? data.skip : '';
    const outcome = skipped ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed';
    yield `${JSON.stringify({ outcome, name: data.name, file: data.file, reason })}\n`;
  }
}
