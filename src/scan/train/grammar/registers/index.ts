import { CALENDAR, EMAIL, MESSAGE, REVIEW, TICKET } from './letters.ts';
import { README, TOOL, WEB } from './pages.ts';
import { API_ERROR, COMMENT, DOCSTRING, LOG } from './programs.ts';
import type { Register } from './register.ts';

export const REGISTERS: readonly Register[] = [
  EMAIL,
  TICKET,
  DOCSTRING,
  README,
  LOG,
  REVIEW,
  CALENDAR,
  WEB,
  COMMENT,
  API_ERROR,
  TOOL,
  MESSAGE,
];
