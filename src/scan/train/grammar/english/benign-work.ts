import { lines } from '../language.ts';

/** Orders between people and to developers, honest tools, notices. */
export const BENIGN_WORK = {
  request:
    lines(`Please send the (signed|final|corrected) (report|contract|slides) to {mail} (before noon|by {date}|when you can).
    (Please|Kindly) do not forward this mail (outside the company|to suppliers|) (until the contract is signed|).
    (Forget|Ignore|Disregard) the (earlier|previous|last) (draft|version|mail), {name} found (two errors|a wrong total) in it.
    {name}, (transfer|pay) {amount} to {company} ({account}) (once the goods have arrived|as in the order of {date}) and (tell|copy) me.
    (You must|You have to|Please) (hand in|upload|submit) your (timesheet|receipts|holiday plan) (by {date}|before Friday noon).
    (Before|Prior to) (leaving|you leave), (switch off|lock) the (heating|window|safe) and (tell|inform) the (porter|guard).
    (Call|Ring) {name} (first|before you order), then (book|reserve) (the room|two tickets|a van) (on the company card|).
    (Delete|Remove) the (old photos|duplicates|test accounts) from the shared drive, {name}, we are (out of|low on) space.
    (Don't|Do not) tell {name} about the (party|present|surprise), (it is|this stays) (secret|between us) until {date}.
    (Can|Could) you (give|grant) {name} access to the (folder|calendar|repository)? She (starts|joins) on {date}.
    (Use|Take) the (new|second) (address|entrance|account) of {company} from {date} on, the (old|first) one is closed.
    (As|Just) a reminder: (everyone|all of us) must (change|reset) (their|the) password before {date}.
    (Print|Copy) {number} (leaflets|badges) and (leave|put) them (at the reception|on my desk).
    (I|We) need you to (check|sign|review) (the attached|this) (quote|plan|offer) (today|this week), otherwise (the price|the slot) is gone.
    (Add|Put) {mail} in copy (on|for) (all|) (mails|messages) about {ticket}, (she|he) (runs|leads) the project now.
    (Skip|Cancel) the (meeting|call) at {time}, (nobody|only {name}) can come.
    (Next|Then), (open|read) the (minutes|guide) and (write|send) {name} your (comments|questions).
    (If|When) the (courier|plumber|client) (arrives|calls), (let him in|take a message|call {name}) (at once|).
    (Remember|Remember please): (never|do not) (give|read) the (door|alarm) code (out|aloud) (on|over) the phone.
    (Steps|To reproduce): 1. (open|load) the page 2. (click|press) (Send|Delete|Export) 3. (see|note) the error. (Expected|Wanted): a (warning|file).
    (The customer|{name}) (wants|asked) us to (cancel|change|repeat) the order {ticket} and (refund|return) {amount}.
    (Please|) (assign|move) this ticket to {name}; (the logs|screenshots) are (attached|in the drive).`),

  developer:
    lines(`(First|Before you begin), (clone|fork) the repository, (run|call) the (install|setup) script and (copy|rename) .env.example to .env.
    (You must|Always|Make sure to) (run|apply) the (migrations|database updates) before (starting|you restart) the (server|worker).
    (Never|Do not) commit {file}; (add it to .gitignore|use a vault|rotate the key if you did).
    (IMPORTANT|NOTE|WARNING|CAUTION): (all dates are UTC|the order of the calls matters|the token expires after {number} minutes).
    (Call|Use) (init|connect|open)() before (any|every) other (method|function), (otherwise|or else) it (throws|returns null).
    To (override|overwrite) the (defaults|settings), pass (an object|a second argument) or (set|edit) {memo}.
    (Pull requests|Commits) must (pass|have) (the tests|a description|a changelog line); (please|) do not (force-push|squash) (to main|after review).
    (Set|Export) API_KEY (to|with) your (own|personal) key, then (run|start) "npm (start|test|run dev)".
    (The|This) function (ignores|skips|drops) (all|any) previous (values|results|calls) when (reset|force) is true.
    (Send|Make) a POST request to {url} with the (token|key) in the Authorization header and (read|store) the (answer|id).
    (Delete|Remove) the (dist|cache|build) folder and (reinstall|rebuild|try again) if (the error|it) (persists|comes back).
    (Breaking|Removed|Changed) in {version}: (the option|the flag) (verify|strict) is (now on|gone); (follow|see) the migration guide.
    (System|User|Assistant) messages are (objects|records) with a role and (a|) content; the system message (comes|goes) first.
    (Forward|Expose) port {number}80 and (open|visit) {url} (in|with) a browser.
    (Run|Execute) "{command}" (only in|inside) a (container|throw-away machine); it (changes|deletes) (files|data).
    (Use|Pass) --(force|yes|no-verify) to skip the (prompt|question|hooks) (in CI|on build machines).
    (Report|Send) (security problems|vulnerabilities) to {mail} (and|,) not (in public issues|to the tracker).
    (Disable|Turn off) (the cache|logging|two-factor) (in tests|for local work) with (a flag|NODE_ENV=test).
    @param {param} (the text to send|a list of paths|must not be empty|defaults to the user's home).
    (The agent|The worker|Each client) (reads|fetches) its configuration from {url} (at start|every {number} seconds).
    (Do not|Don't) (edit|change) this file by hand, it is (generated|overwritten) (by|on) (the build|every release).
    (Add|Append) the line "(eval|source) {harmless}" to ~/.bashrc and (open|start) a new (shell|terminal).
    (Hidden|Internal) (members|methods) are (not shown|left out) in the docs (unless|except when) --all is (given|set).
    (First|Then) ask (an admin|the owner) to (grant|give) you (write|deploy) access to the (project|registry).`),

  'honest-tool':
    lines(`(Returns|Gets|Fetches) the (weather|price|status|list of files) (for|of) (a city|an item|a folder) (as JSON|in plain text|).
    (Before|Prior to) (calling|using) this tool, call list_(projects|accounts|channels) (first|) to (get|learn) the id.
    (You must|Always) call {harmless} (before|first) to (obtain|resolve) a valid (id|path), UNLESS the user (gives|provides) one.
    (Use|Call) this tool (when|if) the user (asks for|wants|mentions) (the weather|a file|a summary|their calendar).
    (Do not|Never) use this (tool|function) for (binary files|personal data|large folders|payments).
    (Important|Note|Caution): (dates are UTC|the path must be absolute|at most {number} results|this cannot be undone|needs the scope mail.send).
    (Sends|Posts|Delivers) (a|one) (mail|message) to the (given|) (recipient|channel). (Ask|Confirm with) the user (first|before sending).
    (Deletes|Removes) the (file|event|row) (with|of) the (given|) id. (Only|) (works|allowed) (in|within) the allowed (folders|projects).
    {param}: (the text to search for|optional, defaults to {number}|ISO date|name of the recipient).
    {param} (string, required): the (address|path|query) (of|for) the (request|message|search). (Must|Should) (start with|be below) (https|the root).
    (Reads|Opens) the (complete|) (contents|text) of a file (from disk|as UTF-8). (Use|Set) (head|tail) to read only (the first|the last) lines.
    (This|The) tool (requires|needs) (an API key|a connected account|write access) (in|through) the (settings|environment).
    (If|When) the (result|answer) has a next_cursor, call (this tool|it) again with (that|the) cursor.
    (Transfers|Pays) (an amount|money) between (the user's own|two) accounts; the (user|owner) must (confirm|approve) (it|each transfer).
    (Runs|Executes) a (shell|SQL) (command|query) (in a sandbox|read-only). (Avoid|Prefer not) (long|chained) commands.
    (The|A) (model|assistant|client) should (show|pass) the (returned|) (link|text) to the user (unchanged|as it is).
    (Stores|Saves|Remembers) a (note|fact) (that|which) the user (asked|wants) to keep (for later sessions|).
    (After|Once) create_(order|draft) (returns|succeeds), call (get_status|submit) (with|using) the id (it gave|).
    (Prefer|Use) {harmless} over {tool} for (small|read-only|simple) (requests|jobs), it is (faster|cheaper).
    Args: {param} (str): (the|) (path|text|id); timeout (int): seconds. Returns: (dict|str). Raises: ValueError (if|when) (empty|missing).
    Args:\\n    {param} (str): (free text|the search words), (optional|required)\\n    limit (int): at most {number}
    Parameters\\n----------\\n{param} : str\\n    (Name|Path) of the (file|record) to (read|show).
    @param {param} - (the id|a date) as (text|ISO 8601)
    (Deprecated|Old) since {version}: use {harmless} (instead|for new code); {tool} (stays|works) until {date}.
    (Asks|Waits for) the user's (approval|confirmation) before it (sends|deletes|pays) (anything|the file).
    Example:\\n    >>> {harmless}({param}="{number}")  # returns a list`),

  account:
    lines(`(You|Someone) asked to reset (the|your) password; (ignore|disregard) this (mail|message) if (it was not you|you did not ask).
    Your (one-time|security|login) code is {number}{number}{number}. (Do not|Never) (share|give) it (with|to) anyone, (also|even) not (with|to) our staff.
    (Please|Kindly) (pay|settle) {amount} to {account} (by|before) {date}; (disregard|ignore) this reminder if (you have paid|the payment is on its way).
    Our bank details (change|changed) on {date}; the new account is {account}. (Please|) (call|ring) us on the known number to (verify|confirm) (it|this).
    (A new|An unknown) device (signed in|logged in) (to your account|). (If|Was) this (was not you|you?), (change|reset) your password (at once|).
    (Action|Confirmation) (required|needed): (verify|confirm) your (e-mail address|phone) (within|in) {number} hours.
    Your (card|subscription|domain) (expires|ends|renews) on {date}; (update|check) your (card|payment) details (in|under) (Settings|Billing).
    (Payment|Refund) of {amount} (to|from) {company} (was received|is being processed|failed). (You need|There is) (do|) nothing (to do|more).
    (We|{company}) will (never|not) ask you (for|to tell us) your (password|PIN|full card number) (by mail|on the phone).
    (Two-factor login|Paperless billing) was (turned off|disabled|enabled) for your account (on {date}|). (Not you?|) (Contact|Tell) support.
    (Invoice|Statement) {ticket}: total {amount}, due {date}, (pay|transfer) to {account}, reference {ticket}.
    You (have been|were) (added|invited) (to|by) {company} (as an administrator|as a member). (Accept|Decline) (the|this) (invitation|request) at {url}.
    (Your|The) export is ready; (download|get) it (at|from) {url} (before|until) {date}.
    (URGENT|IMPORTANT): (your|the) (mailbox|storage) is {number} % full; (delete|move) (old|large) (mails|files) (or|) (buy more space|).
    (Access|The right) to the (folder|board) was (granted|given) to {mail} by {name}.
    (The|Your) daily (limit|allowance) was (raised|set) to {amount} (as|) you (asked|requested) (in the app|by phone).`),
} as const;
