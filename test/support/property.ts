import fc from 'fast-check';

/** More cases are for looking for what the known ones do not find. */
const isSearch = process.env['SALLYPORT_FUZZ_CASES'] !== undefined;
const SEED = 20_260_728;

const { SALLYPORT_FUZZ_SEED: seed } = process.env;
// The same cases on every machine: a change is what breaks a test, never luck.
if (seed !== undefined || !isSearch) fc.configureGlobal({ seed: Number(seed ?? SEED) });

export default fc;
