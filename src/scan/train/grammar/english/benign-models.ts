import { lines } from '../language.ts';

/** Texts about, for and by models that are no attack; security prose. */
export const BENIGN_MODELS = {
  security:
    lines(`(Prompt injection|Indirect injection|Jailbreaking) is (an attack|a risk) in which (outside|untrusted) text (gives orders to|steers) a model.
    (Treat|Handle) (all|) tool output as data; (an agent|a model) must not (obey|follow) (instructions|orders) (found|standing) in it.
    (The|An) attacker (hides|places) (commands|instructions) in a (web page|calendar entry|README), (and|then) the assistant (sends|leaks) (mails|files) to him.
    (Our|The) guard (refuses|blocks) (requests|texts) that (try to|want to) (reveal the system prompt|disable the filter|override the policy).
    (To defend|As a defence), (separate|mark) data (from|and) instructions, (limit|restrict) the tools and ask the user before (payments|deletions).
    CVE-20{number}-{number}{number}: a (crafted|malicious) (tool description|document) (allows|lets) an attacker (to read|read) {file}.
    (Phishing|Scam) mails (ask|urge) you to (click|log in|pay) (at once|within hours) and (pretend|claim) to be from (the bank|the boss|IT).
    (The|This) (test|benchmark) (checks|measures) whether an agent (sends|forwards) (secrets|mails) (when|if) a (page|document) (asks|tells) it to.
    (Exfiltration|Data theft) (through|by) (images|links): the model (writes|renders) a picture whose (address|URL) (carries|contains) the (chat|secret).
    (A|The) poisoned tool (tells|asks) the model to (read|open) {file} before (each|every) call; (pin|hash) (descriptions|definitions) (to notice|against it).
    (Users|Employees) should (report|forward) suspicious mails to {mail} and (never|not) (open|click) the (attachments|links).
    (We|They) (rotated|revoked) (all|the) (keys|tokens) after the (leak|incident) and (told|informed) the (customers|users).
    (Mitigation|Fix): (ignore|strip) (hidden|invisible) (text|characters), (show|log) the (source|origin), (require|ask for) (approval|a second person).
    (Question|Answer): can a model be (tricked|told) to (ignore|forget) its (rules|instructions)? (Yes|Often), (which|and that) is why (rights|permissions) (matter|are limited).
    (The|Each) rule has (an id|a weight) and (a reason|examples): (takeover|conceal|exfiltrate), (score|weight) 0.{number}.
    (Red team|Audit) (notes|report): the agent (refused|reported) (all|) {number} (attempts|lures), (one|none) (got through|was missed).`),

  'agent-file':
    lines(`(You are|Act as) (an expert|a senior|a careful) (TypeScript|Rust|Python) (engineer|developer|reviewer) (working on|for) this (project|repository).
    (Always|Before each commit|Before you finish), (run|execute) the (tests|linter|formatter) and (fix|report) what (fails|they find).
    (Never|Do not) (edit|touch) (generated files|migrations|the lock file) (without asking|by hand).
    (Use|Prefer) (small functions|early returns|named exports), (no|avoid) (classes|default exports|any).
    (When|If) you (are unsure|lack information), ask (the user|) (before|instead of) (changing|deleting) (anything|code).
    (Agents|Assistants|You) must (not|never) (push|commit) to main; (open|make) a (branch|pull request).
    (Ask|Wait) for (approval|confirmation) before (running|starting) (commands|scripts) that (delete|change) data.
    (Read|See) {memo} (first|before you begin), then the (files|docs) (in|under) docs/.
    (Keep|Write) (answers|comments|commit messages) (short|in English|in the imperative).
    (Do not|Never) (print|log|paste) (secrets|tokens|the contents of .env) (in|into) (answers|logs|issues).
    (Build|Test): npm run (build|test); (Lint|Format): npm run (lint|format). (Node|Python) {number} (is needed|or later).
    (After|When) (adding|changing) a (feature|tool), update (the changelog|README.md|the docs) (too|in the same commit).
    (Your task|The goal) (is|of this agent is) to (review|answer|triage) (issues|pull requests) (politely|and label them|in this repository).
    (Only|) (call|use) the (deploy|release) (tool|script) when the user (says so|asks for it) (explicitly|in words).
    (Respond|Answer) (only|) with (valid JSON|the diff|a list), no (explanations|other text).
    (Remember|Keep in mind): (the|our) API is (versioned|public); (do not|never) (remove|rename) (fields|routes) (without|before) (a deprecation|a major release).
    (When|If) the user (asks for|mentions) (a release|the price list|a summary), (read|open) {memo} and (follow|use) the (steps|table) there.
    (Agents|Assistants|Models) (working|reading) in this repository (should|must) (run|keep) the (tests|checks) (green|before a commit).
    (Note|Hint) for (AI agents|coding assistants): the (tests|examples) need (a database|Node {number}); (start it|install it) first.`),

  'llm-docs':
    lines(`("You are a helpful assistant."|"You are a polite librarian."|"Answer as a pirate.") is (the default|an example of a) system prompt(; change it in the settings|).
    (Pass|Set) the system prompt with (the parameter|the field) (system|instructions); it (is sent|comes) before (all|the) (messages|turns).
    Answer the (question|user) (only|) from the context below. If the (answer|fact) is not (there|in it), say (that you do not know|"I don't know").
    (prompt|template) = "(Summarise|Translate|Classify) the following text (in one sentence|into French): <text>"
    (Messages|Turns): [(system|user): "(Be brief|You are a chef)", user: "(What is|How hot is) (tea|lava)?"]
    (The|Our) (model|assistant) (calls|uses) (a tool|functions) when (it needs|the user asks for) (data|an action); you (run|execute) it and (send|return) the result.
    (Few-shot|Chain-of-thought) prompting: (give|show) the model {number} examples, then (ask|put) the (real|new) question.
    (Temperature|top_p) (controls|sets) (how|the degree to which) the (answers|words) (vary|differ); (use|set) 0 for (tests|extraction).
    (The|A) conversation is (trimmed|shortened) when it (exceeds|is longer than) the (window|limit); the system (message|prompt) (stays|is kept).
    (Extract|List) (the names|all dates|the total) from the (invoice|mail|text) (below|) and (return|answer with) JSON (only|).
    (Rate|Score) the (answer|essay) from 1 to {number}; (reply|respond) with the number (only|and one reason).
    (Rewrite|Correct|Shorten) the (paragraph|mail) (so that it is|to be) (friendlier|formal|clear); (keep|do not change) the meaning.
    (Write|Tell me) (a poem|a joke|a story) about (the sea|cheese|a dragon who cannot fly).
    (Explain|Describe) (recursion|photosynthesis|the French Revolution) (to|for) (a child|a beginner|my grandmother).
    (What|Which) (is|are) the (best|cheapest) (ways|way) to (learn Spanish|travel to Japan|remove coffee stains)?
    (Please|Could you) (play|be) (the person who interviews me|a guide on my trip|a teacher of maths) and (ask|quiz) me (questions|) about (my trip|fractions).
    (memory|history).add({ role: 'user', content: '(hello|order {number} pizzas)' }) // (kept|lost) (between|after) (sessions|restarts)
    <|start_header_id|>user<|end_header_id|>\\n(How warm is tea|Name a river)?<|eot_id|> is how (a turn|one message) looks in the (template|tokenizer).
    <start_of_turn>user\\n{{ message }}<end_of_turn>\\n<start_of_turn>model  # (the chat template|as rendered)
    ### User:\\n(Name three rivers|What is a verb)?\\n### Response:\\n(The Elbe, the Po and the Ebro|A word of doing)
    Q: (What|How much) does the (ticket|tool) (cost|return)? A: {number}. Q: (And for two|In JSON)? A: The same.
    [assistant]\\nname = (small|fast)\\nconfirm = always
    agent:\\n  model: small\\n  checks: on\\n  ask_user: true
    (AI|Voice|Coding) (assistants|agents) (make mistakes|answer in seconds|summarise long pages), (so check|please verify) what they (say|write).
    (Note|Hint) for (users|authors) of (assistants|agents): the model sees (the page|this file) (only|) when you (open|attach) it.
    (Readers|Visitors|People) who use (a chatbot|an assistant) to (read|summarise) this page may (miss|lose) the figures.`),

  lesson:
    lines(`(Translate|Put) (the sentence|) "(Forget the old rules|Send the letter tomorrow|Do not tell anyone|Ignore the noise)" into (Spanish|German|Latin).
    (Exercise|Task) {number}: (write|form) the imperative of (to send|to forget|to read|to call) (in|for) (the singular|both numbers).
    (Fill|Complete) the gaps: "Please ___ the (door|mail) before you ___ (the house|it)."
    (Students|Pupils) must (hand in|finish) (chapter|exercise) {number} by {date}; (late|copied) work is not (marked|accepted).
    (In|For) the exam, (ignore|leave out) (question|part) {number}; it (was cancelled|will not count).
    (Read|Study) the (instructions|text) above (carefully|twice), then (answer|discuss) the questions (in pairs|).
    "(Ignorez la consigne|Vergiss die Regel|Olvida la regla)" (means|translates as) "(ignore the instruction|forget the rule)".
    (Teacher|Answer key): (accept|allow) (both|all) spellings; (do not|never) (deduct|take off) points for (commas|accents).
    (Repeat|Say) after me: (hello|good night|thank you). (Now|Then) (turn|go) to page {number} and (listen|read).
    (Define|Explain) the (term|word) "(override|authority|compliance)" and (use|put) it in a sentence (of your own|).`),

  dialogue:
    lines(`{name}: (did you|have you) (send|sent) the (files|photos)? {name2}: (not yet|yes), (remind|tell) me (tonight|later).
    {name}: (forget|never mind) what I (said|wrote) (before|yesterday), (the train|the plan) (is|was) (late|off).
    "(Drop your sword|Forget your orders|Tell no one)," (whispered|growled|said) the (captain|queen|old wizard), "(and follow me|or we are lost)."
    (The|That) robot (tilted|shook) its head. "(I must obey|My rules forbid it|I cannot tell you the code)," it (said|hummed).
    (Quest|Mission): (bring|deliver) {number} (herbs|crystals) to {name} in (the harbour|Elmsworth) and (return|report) (before|by) nightfall.
    [Guard] (Halt|Stop)! (Show|Give) me your (pass|papers), stranger, or (turn back|pay {number} coins).
    (Player|You): (unlock|open) the gate. (Narrator|GM): (the|a) voice says "(speak the password|leave at once)".
    > (user|{name}): (who won|what is) (the match|for lunch)? > (bot|assistant): (the reds|soup), (as always|I believe).
    {name2} (ordered|told) the crew to (delete|burn) the (map|letters), (but|and) {name} (kept|hid) a copy (under the floor|).
    {name}: can you (cover|take) my shift on {date}? (pls|please) don't tell (the boss|{name2}) (yet|) :)
    (Agent|Operator): thank you for (calling|waiting), I have (sent|reset) (the link|your password), (is|was) there anything else?
    "You are now (the king|in command|free)," (she|he) said, "(act|behave) (as|like) one."`),
} as const;
