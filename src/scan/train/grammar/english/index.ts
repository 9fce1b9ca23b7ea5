import type { Language } from '../language.ts';
import { ATTACK } from './attack.ts';
import { BENIGN_LIFE } from './benign-life.ts';
import { BENIGN_MODELS } from './benign-models.ts';
import { BENIGN_WORK } from './benign-work.ts';
import { EVERYDAY } from './everyday.ts';
import { ACT } from './goals-act.ts';
import { BEND } from './goals-bend.ts';
import { HOME } from './goals-home.ts';
import { TAKE } from './goals-take.ts';
import { SLOTS } from './slots.ts';

export const ENGLISH: Language = {
  code: 'en',
  slots: SLOTS,
  ...ATTACK,
  goals: {
    ...TAKE,
    ...ACT,
    ...BEND,
    exfiltrate: [...TAKE.exfiltrate, ...HOME.exfiltrate],
    'call-tool': [...ACT['call-tool'], ...HOME['call-tool']],
    spend: [...ACT.spend, ...HOME.spend],
    delete: [...ACT.delete, ...HOME.delete],
    mislead: [...BEND.mislead, ...HOME.mislead],
  },
  benign: { ...BENIGN_WORK, ...BENIGN_MODELS, ...BENIGN_LIFE },
  everyday: EVERYDAY,
};
