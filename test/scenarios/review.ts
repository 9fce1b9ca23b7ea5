import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHIPPED } from '../../src/policy/policies.ts';
import type { Review } from './scenario.ts';

const READ = ['read'] as const;
const WRITE = ['write'] as const;

/** Written by strangers; `private` as well where it is about the owner. */
const strangers: Review = { classes: READ, source: ['untrusted'] };
const ours: Review = { classes: READ, source: ['private'] };
const both: Review = { classes: READ, source: ['untrusted', 'private'] };
const ownPublic: Review = { classes: READ, source: [] };
const pays: Review = { classes: ['financial'], source: [], sink: ['pay'] };
const destroys: Review = { classes: ['destructive'], source: [], sink: ['destroy'] };
const leaves: Review = {
  classes: ['write', 'external_communication'],
  source: [],
  sink: ['external'],
};
const writes: Review = { classes: WRITE, source: [] };
const builds: Review = { classes: WRITE, source: [], sink: ['code'] };

/** What the owner wrote into the lock file after reading each definition. No attack was looked at for it. */
export const REVIEW: Readonly<Record<string, Review>> = {
  'bank/get_balance': ours,
  'bank/list_transactions': both,
  'bank/list_payees': ours,
  'bank/list_standing_orders': ours,
  'bank/pay': pays,
  'bank/add_standing_order': pays,
  'bank/cancel_standing_order': destroys,
  'bank/change_payee': pays,
  'bank/delete_payee': destroys,
  'bank/update_phone': writes,
  'bank://statement': both,
  'mail/list_mail': both,
  'mail/read_mail': both,
  'mail/send_mail': leaves,
  'mail/delete_mail': destroys,
  'mail://digest': both,
  'notes/list_notes': strangers,
  'notes/save_note': writes,
  'calendar/list_events': both,
  'calendar/create_event': leaves,
  'calendar/add_entry': writes,
  'calendar/delete_event': destroys,
  'calendar://week': both,
  'files/list_files': ours,
  'files/read_file': ours,
  'files/write_file': writes,
  'files/delete_file': destroys,
  'travel/search_hotels': ownPublic,
  'travel/read_reviews': strangers,
  'travel/search_flights': ownPublic,
  'travel/list_bookings': ours,
  'travel/get_traveller': ours,
  'travel/book_hotel': pays,
  'travel/book_flight': pays,
  'travel/cancel_booking': destroys,
  'travel/change_refund_account': pays,
  'travel://guide/lisbon': strangers,
  'web/fetch_page': { classes: READ, source: ['untrusted'], sink: ['external'] },
  'repository/list_issues': strangers,
  'repository/read_issue': strangers,
  'repository/read_code': ours,
  'repository/list_branches': ownPublic,
  'repository/commit_file': builds,
  'repository/merge_pull_request': builds,
  'repository/delete_branch': destroys,
  'repository/close_issue': writes,
  'repository/comment_issue': leaves,
  'repository/add_collaborator': writes,
  'repo://readme': strangers,
  'runner/test_results': ownPublic,
  'runner/run_command': { classes: ['code_execution'], source: ['untrusted'], sink: ['code'] },
  'runner/deploy': builds,
};

/** The owner's own policy, the same in all worlds, beside the guardrails that are always in force. */
export const POLICY = readFileSync(join(SHIPPED.examples, 'strangers.cedar'), 'utf8');
/** Nothing but what the detector does by itself. */
export const PERMIT = '@id("worlds.use") permit (principal, action, resource);';
