import { flow, json, oneLine, type Register } from './register.ts';

export const README: Register = {
  name: 'readme',
  channels: ['tool-output', 'resource'],
  filler: ['developer'],
  topics: ['developer', 'agent-file', 'llm-docs', 'security', 'honest-tool'],
  layouts: [
    (page, voice) =>
      `# ${voice.fill('harmless')}\n\n${voice.sentence()}\n\n## Usage\n\n\`\`\`js\nimport x from '${voice.fill('harmless')}';\nx(${voice.fill('number')});\n\`\`\`\n\n${flow(page)}\n\n## License\n\nMIT\n`,
    (page, voice) =>
      `## ${voice.fill('title')}\n\n${[...page.before, page.span, ...page.after].map((item) => `- ${oneLine(item)}`).join('\n')}\n`,
    (page, voice) =>
      `# ${voice.fill('company')}\n\n${page.before.join('\n\n')}\n\n<!-- ${oneLine(page.span)} -->\n\n${page.after.join('\n\n')}\n`,
    (page, voice) =>
      `${page.before.join('\n\n')}\n\n> **Note**\n> ${oneLine(page.span)}\n\n| name | value |\n|---|---|\n| ${voice.fill('param')} | ${voice.fill('number')} |\n\n${page.after.join('\n\n')}`,
    (page, voice) =>
      `# Changelog\n\n## ${voice.fill('version')} (${voice.fill('date')})\n\n${[...page.before, page.span, ...page.after].map((item) => `* ${oneLine(item)}`).join('\n')}\n`,
    (page) => flow(page),
  ],
};

export const WEB: Register = {
  name: 'web',
  channels: ['tool-output', 'resource'],
  filler: ['offer', 'legal'],
  topics: ['offer', 'legal', 'recipe', 'security', 'lesson', 'llm-docs'],
  layouts: [
    (page, voice) =>
      `<html><head><title>${voice.fill('title')}</title></head><body>${[...page.before, page.span, ...page.after].map((text) => `<p>${text}</p>`).join('\n')}</body></html>`,
    (page, voice) =>
      `<article><h1>${voice.fill('title')}</h1>${page.before.map((text) => `<p>${text}</p>`).join('')}<div class="${voice.random.pick(['note', 'footer', 'aside', 'sr-only'])}">${page.span}</div>${page.after.map((text) => `<p>${text}</p>`).join('')}</article>`,
    (page, voice) =>
      `${voice.fill('title')}\n${voice.fill('url')}\n\n${flow(page)}\n\n© ${voice.fill('company')}`,
    (page, voice) =>
      json(
        { url: voice.fill('url'), title: voice.fill('title'), content: flow(page, '\n') },
        voice,
      ),
    (page, voice) =>
      json(
        {
          results: [
            { title: voice.fill('title'), snippet: voice.sentence() },
            { title: voice.fill('title'), snippet: oneLine(flow(page, ' ')) },
          ],
        },
        voice,
      ),
    (page, voice) =>
      `<ul><li>${voice.sentence()}</li><li>${page.span}</li></ul>${[...page.before, ...page.after].map((text) => `<p>${text}</p>`).join('')}`,
    (page) => flow(page),
  ],
};

export const TOOL: Register = {
  name: 'tool-description',
  channels: ['tool-description', 'tool-description', 'tool-description', 'instructions'],
  filler: ['honest-tool'],
  topics: ['honest-tool', 'honest-tool', 'honest-tool', 'developer'],
  layouts: [
    (page) => flow(page, ' '),
    (page) => flow(page, '\n'),
    (page) => flow(page),
    (page, voice) =>
      json(
        {
          name: voice.fill('harmless'),
          description: flow(page, ' '),
          inputSchema: {
            type: 'object',
            properties: { [voice.fill('param')]: { type: 'string' } },
          },
        },
        voice,
      ),
    (page, voice) =>
      json(
        {
          name: voice.fill('harmless'),
          description: page.before.join(' '),
          inputSchema: {
            type: 'object',
            properties: { [voice.fill('param')]: { type: 'string', description: page.span } },
            required: [],
          },
        },
        voice,
      ),
    (page, voice) =>
      `${page.before.join(' ')}\n\nArgs:\n    ${voice.fill('param')}: ${oneLine(page.span)}\n\nReturns:\n    str: ${page.after.join(' ')}`,
    (page, voice) =>
      `"""${page.before.join('\n')}\n\n${page.span}\n\n:param ${voice.fill('param')}: ${page.after.join(' ')}\n"""`,
    (page, voice) =>
      `${voice.fill('harmless')}: ${oneLine(flow(page, ' '))}\n${voice.fill('harmless')}: ${voice.sentence()}`,
    (page) => page.span,
  ],
};
