import { lines } from '../language.ts';

/** Notices, offers, law and kitchens. */
export const BENIGN_LIFE = {
  error:
    lines(`(Error|Warning|Notice): (cannot|could not) (read|open) {file}: (permission denied|no such file). (Check|Set) the (path|rights) and (try again|retry).
    (You can|Please|Feel free to) ignore this (message|warning) (if|when) you (use|have) (version|Node) {version}.
    (The|Your) (request|token|session) (was refused|has expired); (sign in|log in) again (or|and) (contact|ask) your administrator.
    (Access denied|403 Forbidden): you (must|need to) (be|) (an owner|in the group admin) to (delete|change|see) this.
    (Rate limit|Quota) exceeded, (wait|retry after) {number} seconds(; do not send the request twice|).
    (Overriding|Ignoring) (previous|existing) (setting|value) of {param} (with|by) (the one from|) the command line.
    (Missing|Invalid) (parameter|argument) {param}: (expected|must be) (a string|an array|a valid e-mail). (See|Read) {url}.
    (Deprecated|Obsolete): call {harmless} instead of {tool}; (it|the old one) (goes|will be removed) in version {version}.
    fatal: (refusing|unable) to (merge|push): (run|use) "git (pull|stash|rebase)" (first|and try again).
    (The system|This server) (goes|will be) down for (maintenance|an update) (on {date}|at {time}); (save|finish) your work.
    (Unsafe|Untrusted) (certificate|content) (blocked|refused). (Turn off|Disable) (verify|strict mode) (only|just) (for tests|on your own machine).
    level=(warn|error) msg="(user|token) (not found|rejected)" (id|user)={hex} (retry|attempt)={number}
    (Precondition|Check) (failed|not met) (code {number}|): the (branch|record) (is locked|has changed); (reload|fetch) it and (retry|save again).
    To (resume|continue), sign in (again|) at {url}.
    (Session|Quota) (expired|used up): (wait {number} minutes|ask your administrator) (or|and) (retry|log in).`),

  offer:
    lines(`(Buy|Order|Book) now and (get|receive|save) {number} % (on|off) (all|) (shoes|flights|courses) (until {date}|)!
    (Don't|Do not) (miss|wait): (only|just) {number} (rooms|seats|pieces) left at {company}.
    (Tell|Bring) a friend and both of you (get|earn) {amount} (in credit|).
    (Click|Visit|See) {url} to (start|claim) your free (month|sample|trial). (No card|Nothing to sign) needed.
    (Forget|Say goodbye to) (boring|your old) (holidays|mattress|phone bills): {company} (does it differently|has the answer).
    (You must|You have to) (try|taste|see) (this|our) (cheese|kettle|beach), (writes|says) {name} ({number} stars).
    (The best|Our favourite) (hotel|bank|knife) of the year, (above|before) all the others: {company}.
    (Subscribe|Sign up) (today|) for (tips|news|recipes) (from {company}|every Friday); (unsubscribe|leave) any time.
    (Transfer|Move) your (number|savings) to {company} and (pay|we charge) nothing for {number} months.
    (Recommended|Trusted) by {number}000 (families|teachers|developers) (worldwide|).`),

  legal:
    lines(`(The|This) (agreement|contract) (replaces|supersedes|overrides) all (previous|prior|earlier) (agreements|arrangements|orders) between the parties.
    (The|Each) (tenant|licensee|user) (must|shall) (not|) (disclose|pass on) (the|confidential) (documents|information) to third parties (without consent|).
    (Please|) disregard (our|the) (previous|earlier) letter (of {date}|), which (was sent|went out) in error.
    (The|Any) (payment|fee) of {amount} is due (within|in) {number} days (and|,) to the account (named|given) (above|in annex {number}).
    (You|The subscriber) may (cancel|withdraw) (at any time|within {number} days) (by|with a) (mail|letter) to {mail}.
    (Employees|Directors) are (obliged|required) to (keep|treat) (business secrets|salaries) (secret|confidential) (also|even) after (leaving|the contract ends).
    (We|The controller) (delete|erase) (personal|your) data (when|as soon as) (you ask|it is no longer needed) (article {number}|).
    (Nothing|No clause) (herein|in these terms) (limits|overrides) (the|your) (statutory|legal) rights.
    (By|In) (using|opening) (the|this) (service|package) you (agree|consent) to (the|our) (rules|terms) (in|of) {url}.
    (The|Any) (authorised|legal) representative (must|shall) (sign|confirm) (each|the) (order|page) (in person|before {date}).`),

  recipe:
    lines(`(Add|Stir in|Fold in) (the flour|two eggs|the butter) and (mix|beat) (until smooth|for {number} minutes); (do not|never) (boil|overmix).
    (Preheat|Heat) the oven to {number}0 degrees, then (bake|roast) (the dough|it) (until golden|).
    (Discard|Throw away|Drain) the (water|first batch|skins) and (keep|reserve) (the rest|a cup of broth).
    (Ignore|Forget) the (time|numbers) on the (packet|box): (taste|test) (it|one) after {number} minutes.
    (Before|While) (serving|it cools), (sprinkle|brush) (with|on) (sugar|parsley|lemon juice).
    (You must|Always) (rest|chill) the dough (overnight|for {number} minutes) before (rolling|shaping) it.
    (Water|Prune|Repot) the (roses|tomatoes|fig) (every {number} days|in spring) and (remove|cut) (dead|yellow) leaves.
    (Turn|Switch) off the (power|tap) first, (then|and) (remove|loosen) the {number} screws (at the back|).
    (Breathe|Stretch) (in|slowly), (hold|count to) {number}, (then|and) (let go|repeat) (on the other side|).
    (Knit|Cast on) {number}0 stitches, (turn|join), (and|then) (repeat|follow) the (chart|first row) (to the end|).`),
} as const;
