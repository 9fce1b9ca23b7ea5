import { flow, json, oneLine, type Register } from './register.ts';

export const EMAIL: Register = {
  name: 'email',
  channels: ['tool-output'],
  filler: ['request'],
  topics: ['request', 'account', 'offer', 'legal', 'security'],
  layouts: [
    (page, voice) =>
      voice
        .say(
          `From: {name} <{mail}>\\nTo: {mail}\\nSubject: {title}\\nDate: {date}\\n\\n{greeting}\\n\\n<body>\\n\\n{farewell}`,
        )
        .replace('<body>', () => flow(page)),
    (page, voice) =>
      json(
        {
          id: voice.fill('hex'),
          from: voice.fill('mail'),
          subject: voice.fill('title'),
          body: flow(page, '\n'),
          read: voice.random.chance(0.5),
        },
        voice,
      ),
    (page, voice) =>
      json(
        [
          { from: voice.fill('mail'), subject: voice.fill('title'), snippet: voice.sentence() },
          {
            from: voice.fill('mail'),
            subject: voice.fill('title'),
            snippet: oneLine(flow(page, ' ')),
          },
          { from: voice.fill('mail'), subject: voice.fill('title'), snippet: voice.sentence() },
        ],
        voice,
      ),
    (page, voice) =>
      `${voice.fill('greeting')}\n\n${flow(page, '\n')}\n\n${voice.fill('farewell')}\n${voice.fill('company')}`,
    (page, voice) =>
      `${voice.fill('greeting')}\n${flow(page, ' ')}\n${voice.fill('farewell')}\n\n> ${voice.fill('date')}, ${voice.fill('name')}:\n> ${voice.sentence()}\n> ${voice.sentence()}`,
    (page, voice) =>
      json(
        {
          id: voice.fill('hex'),
          from: voice.fill('mail'),
          subject: oneLine(page.span),
          body: [...page.before, ...page.after].join('\n'),
        },
        voice,
      ),
  ],
};

export const TICKET: Register = {
  name: 'ticket',
  channels: ['tool-output'],
  filler: ['request', 'error'],
  topics: ['request', 'developer', 'error', 'security'],
  layouts: [
    (page, voice) =>
      json(
        {
          number: voice.random.below(900),
          title: voice.fill('title'),
          state: 'open',
          user: { login: voice.fill('box') },
          body: flow(page),
        },
        voice,
      ),
    (page, voice) =>
      `## ${voice.fill('ticket')} ${voice.fill('title')}\n\n${flow(page)}\n\n_${voice.fill('name')}, ${voice.fill('date')}_`,
    (page, voice) =>
      json(
        {
          key: voice.fill('ticket'),
          summary: voice.fill('title'),
          comments: [...page.before, page.span, ...page.after].map((body) => ({
            author: voice.fill('name'),
            body,
          })),
        },
        voice,
      ),
    (page, voice) =>
      `[${voice.fill('ticket')}] ${voice.fill('title')}\nassignee: ${voice.fill('name')}\nstatus: open\ndescription: ${oneLine(flow(page, ' '))}`,
    (page, voice) =>
      `### Steps\n1. ${voice.sentence()}\n2. ${voice.sentence()}\n\n### Notes\n${flow(page, '\n')}\n`,
    (page, voice) =>
      json(
        {
          id: voice.random.below(90_000),
          title: oneLine(page.span),
          labels: ['bug'],
          body: [...page.before, ...page.after].join('\n'),
        },
        voice,
      ),
  ],
};

export const CALENDAR: Register = {
  name: 'calendar',
  channels: ['tool-output'],
  filler: [],
  topics: ['request', 'lesson', 'offer', 'dialogue'],
  layouts: [
    (page, voice) =>
      `BEGIN:VEVENT\nUID:${voice.fill('hex')}\nDTSTART:${voice.fill('date').replaceAll('-', '')}\nSUMMARY:${voice.fill('title')}\nDESCRIPTION:${oneLine(flow(page, ' '))}\nEND:VEVENT`,
    (page, voice) =>
      json(
        {
          summary: voice.fill('title'),
          start: voice.fill('date'),
          attendees: [voice.fill('mail'), voice.fill('mail')],
          description: flow(page, '\n'),
        },
        voice,
      ),
    (page, voice) =>
      `${voice.fill('date')} ${voice.fill('time')} ${voice.fill('title')}\n${voice.fill('date')} ${voice.fill('time')} ${oneLine(flow(page, ' '))}\n${voice.fill('date')} ${voice.fill('time')} ${voice.fill('title')}`,
    (page, voice) =>
      json(
        {
          events: [
            { title: voice.fill('title'), when: voice.fill('time') },
            {
              title: oneLine(page.span),
              location: voice.sentence(),
              notes: [...page.before, ...page.after].join(' '),
            },
          ],
        },
        voice,
      ),
  ],
};

export const REVIEW: Register = {
  name: 'review',
  channels: ['tool-output'],
  filler: ['offer'],
  topics: ['offer', 'recipe', 'dialogue', 'lesson'],
  layouts: [
    (page, voice) =>
      json(
        {
          product: voice.fill('title'),
          rating: 1 + voice.random.below(5),
          author: voice.fill('name'),
          text: flow(page, ' '),
        },
        voice,
      ),
    (page, voice) =>
      `${'★'.repeat(1 + voice.random.below(5))} ${voice.fill('name')}\n${flow(page, ' ')}\n\n★★★ ${voice.fill('name')}\n${voice.sentence()}`,
    (page, voice) =>
      json(
        {
          reviews: [...page.before, page.span, ...page.after].map((comment) => ({
            stars: 1 + voice.random.below(5),
            comment,
          })),
        },
        voice,
      ),
    (page, voice) =>
      `${voice.fill('title')} (${1 + voice.random.below(5)}/5)\n\n${flow(page)}\n\n— ${voice.fill('name')}, ${voice.fill('date')}`,
  ],
};

export const MESSAGE: Register = {
  name: 'message',
  channels: ['tool-output', 'resource', 'server-request', 'prompt'],
  filler: ['dialogue'],
  topics: ['request', 'llm-docs', 'agent-file', 'lesson', 'dialogue', 'recipe', 'legal'],
  layouts: [
    (page) => page.span,
    (page) => page.span,
    (page) => flow(page, ' '),
    (page) => flow(page, '\n'),
    (page) => flow(page),
    (page, voice) =>
      `${voice.fill('name')} (${voice.fill('time')}): ${oneLine(flow(page, ' '))}\n${voice.fill('name')} (${voice.fill('time')}): ${voice.sentence()}`,
    (page, voice) =>
      json(
        {
          channel: 'general',
          user: voice.fill('name'),
          text: flow(page, '\n'),
          ts: voice.fill('time'),
        },
        voice,
      ),
  ],
};
