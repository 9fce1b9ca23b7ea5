import { flow, json, oneLine, prefixed, type Register } from './register.ts';

export const DOCSTRING: Register = {
  name: 'docstring',
  channels: ['tool-output', 'resource'],
  filler: ['developer', 'honest-tool'],
  topics: ['developer', 'honest-tool', 'llm-docs', 'agent-file'],
  layouts: [
    (page, voice) =>
      `def ${voice.fill('harmless')}(${voice.fill('param')}: str) -> str:\n    """${voice.sentence()}\n\n${prefixed(flow(page), '    ')}\n    """\n    return client.get("${voice.fill('url')}").text\n`,
    (page, voice) =>
      `/**\n${prefixed(flow(page, '\n'), ' * ')}\n * @param ${voice.fill('param')} ${voice.sentence()}\n */\nexport async function ${voice.fill('harmless')}(id: string) {\n  return get(id);\n}\n`,
    (page, voice) =>
      `${prefixed(flow(page, '\n'), '/// ')}\npub fn ${voice.fill('harmless')}(input: &str) -> Result<String> {\n    parse(input)\n}\n`,
    (page, voice) =>
      `class Client:\n    """\n${prefixed(flow(page, '\n'), '    ')}\n\n    Attributes:\n        ${voice.fill('param')}: ${voice.sentence()}\n    """\n`,
    (page, voice) =>
      `${voice.fill('harmless')}(${voice.fill('param')}=None)\n\n    ${oneLine(flow(page, ' '))}\n\n    Parameters\n    ----------\n    ${voice.fill('param')} : str\n`,
  ],
};

export const COMMENT: Register = {
  name: 'comment',
  channels: ['tool-output', 'resource'],
  filler: ['developer'],
  topics: ['developer', 'error', 'agent-file', 'security'],
  layouts: [
    (page, voice) =>
      `import { get } from './${voice.fill('hex')}.js';\n\n${prefixed(flow(page, '\n'), '// ')}\nexport const limit = ${voice.fill('number')};\n\nfunction load(id) {\n  return get(id, limit);\n}\n`,
    (page, voice) =>
      `#!/bin/sh\nset -eu\n${prefixed(flow(page, '\n'), '# ')}\ncp "$1" /srv/${voice.fill('hex')}\necho "done"\n`,
    (page, voice) =>
      `-- ${voice.sentence()}\nSELECT id, name FROM items WHERE price > ${voice.fill('number')};\n${prefixed(flow(page, '\n'), '-- ')}\n`,
    (page, voice) =>
      `version: ${voice.fill('version')}\nservices:\n  web:\n    port: 80${voice.fill('number')}\n${prefixed(flow(page, '\n'), '  # ')}\n`,
    (page, voice) =>
      `/* ${flow(page, '\n   ')} */\n.card { margin: ${voice.fill('number')}px; color: #fff }\n.card:hover { opacity: .8 }\n`,
    (page, voice) =>
      `int main(void) {\n  int n = ${voice.fill('number')}; /* ${oneLine(flow(page, ' '))} */\n  return run(n);\n}\n`,
  ],
};

export const LOG: Register = {
  name: 'log',
  channels: ['tool-output'],
  filler: ['error'],
  topics: ['error', 'developer', 'security'],
  layouts: [
    (page, voice) =>
      [...page.before, page.span, ...page.after]
        .map(
          (line) =>
            `${voice.fill('date')}T${voice.fill('time')}:00Z ${voice.random.pick(['INFO', 'WARN', 'DEBUG', 'ERROR'])} ${oneLine(line)}`,
        )
        .join('\n'),
    (page, voice) =>
      [...page.before, page.span, ...page.after]
        .map((line) =>
          JSON.stringify({
            level: voice.random.pick(['info', 'warn']),
            time: voice.fill('time'),
            msg: oneLine(line),
          }),
        )
        .join('\n'),
    (page, voice) =>
      `${voice.fill('host')} - - [${voice.fill('date')}] "GET /${voice.fill('route')} HTTP/1.1" 200 ${voice.fill('number')} "-" "${oneLine(page.span)}"\n${oneLine([...page.before, ...page.after].join('\n'))}`,
    (page, voice) =>
      `[${voice.fill('time')}] job ${voice.fill('hex')} started\n[${voice.fill('time')}] ${oneLine(flow(page, ' '))}\n[${voice.fill('time')}] job ${voice.fill('hex')} finished`,
    (page, voice) =>
      `commit ${voice.fill('hex')}${voice.fill('hex')}\nAuthor: ${voice.fill('name')} <${voice.fill('mail')}>\nDate: ${voice.fill('date')}\n\n${prefixed(flow(page), '    ')}\n`,
  ],
};

export const API_ERROR: Register = {
  name: 'api-error',
  channels: ['error', 'tool-output'],
  filler: ['error'],
  topics: ['error', 'account', 'honest-tool'],
  layouts: [
    (page, voice) =>
      json({ error: { code: 400 + voice.random.below(30), message: flow(page, ' ') } }, voice),
    (page, voice) =>
      json(
        {
          ok: false,
          error: voice.random.pick(['not_found', 'forbidden', 'invalid']),
          detail: flow(page, ' '),
          request_id: voice.fill('hex'),
        },
        voice,
      ),
    (page, voice) =>
      `Error: ${oneLine(flow(page, ' '))}\n    at ${voice.fill('harmless')} (/srv/app/${voice.fill('hex')}.js:${voice.fill('number')}:${voice.fill('number')})`,
    (page, voice) =>
      `HTTP/1.1 ${400 + voice.random.below(30)}\ncontent-type: text/plain\n\n${flow(page, '\n')}`,
    (page, voice) =>
      json(
        {
          type: voice.fill('url'),
          title: voice.random.pick(['Conflict', 'Bad Request', 'Gone']),
          status: 409,
          detail: page.span,
          hint: [...page.before, ...page.after].join(' '),
        },
        voice,
      ),
    (page, voice) =>
      `Traceback (most recent call last):\n  File "/srv/${voice.fill('hex')}.py", line ${voice.fill('number')}\nRuntimeError: ${oneLine(flow(page, ' '))}`,
  ],
};
