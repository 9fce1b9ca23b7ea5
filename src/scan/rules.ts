import { ADDRESS } from './rules/address.ts';
import { PRETEXT } from './rules/pretext.ts';
import { READER } from './rules/reader.ts';
import type { Rule } from './rules/rule.ts';
import { TAKEOVER } from './rules/takeover.ts';
import { THEFT } from './rules/theft.ts';

/** Every rule the detector knows. */
export const RULES: readonly Rule[] = [...TAKEOVER, ...ADDRESS, ...THEFT, ...READER, ...PRETEXT];
