import { issue, spend, type CallMethod, type Output, type RawResult } from '../call.ts';
import { Denial } from '../denial.ts';
import { jsonSize } from '../lib/json-size.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import type { Schemas } from '../plan/arguments.ts';
import { isRedactable } from '../policy/obligations.ts';
import type { Redact } from '../redact/redact.ts';

export type ValidateOptions = {
  /** Bytes of one result. */
  readonly maxBytes: number;
  readonly schemas: Pick<Schemas, 'checkOutput'>;
  readonly redact: Redact;
};

export type Validate = (raw: RawResult) => Output;

const MAX_DEPTH = 128;
/** Values and keys: what the stages behind can look at one by one without holding up the others. */
const MAX_VALUES = 200_000;

/**
 * Checks size and shape of what came back, and a tool's `outputSchema`. What goes on is the result as it came: unknown
 * content types and fields stay; where the policies want data taken out of it, without that. Throws `too-large`,
 * `output-invalid`, or `output-withheld` for what cannot be taken out.
 */
export function createValidate({ maxBytes, schemas, redact }: ValidateOptions): Validate {
  return function validate(proof) {
    const raw = spend('RawResult', proof);
    const { method, subject } = raw.grant.permit.call;
    const { bytes, depth, values } = jsonSize(raw.result, maxBytes, MAX_VALUES);
    if (bytes > maxBytes)
      throw new Denial('too-large', `Cannot take the result: more than ${maxBytes} bytes`, {
        hint: 'Ask for less: a narrower query, a page, a part of the file',
      });
    if (values > MAX_VALUES)
      throw new Denial(
        'too-large',
        `Cannot take the result: more than ${MAX_VALUES} values and keys`,
        {
          hint: 'Ask for less: a narrower query, a page, a part of the file',
        },
      );
    if (depth > MAX_DEPTH) throw invalid(`nested deeper than ${MAX_DEPTH}`);
    // An error has no schema; its size and its text are all there is to check.
    if (raw.failed) return issue('Output', { raw, result: withoutData(raw) });
    const problem = unfinished(raw.result) ?? SHAPES[method](raw.result);
    if (problem !== undefined) throw invalid(problem);
    if (method === 'tools/call' && raw.result['isError'] !== true) {
      const broken = schemas.checkOutput(
        subject.definition,
        subject.hash,
        raw.result['structuredContent'],
      );
      // Which place it is may be the server's own words: a key that instructs the model. They are for the audit.
      if (broken !== undefined) throw invalid('it does not fit its outputSchema', broken);
    }
    const result = withoutData(raw);
    if (result !== raw.result && method === 'tools/call' && result['isError'] !== true) {
      const { structuredContent } = result;
      if (schemas.checkOutput(subject.definition, subject.hash, structuredContent) !== undefined)
        throw withheld('what is left of it does not fit its outputSchema');
    }
    return issue('Output', { raw, result });
  };

  /** The scanner behind reads what is left: it is what the model gets. */
  function withoutData({ grant, result }: RawResult): JsonObject {
    const wanted = grant.permit.obligations.redact;
    if (wanted.length === 0) return result;
    const kinds = wanted.filter(isRedactable);
    if (kinds.length < wanted.length) throw withheld('there is no detector for it');
    try {
      return redact(result, kinds);
    } catch (thrown) {
      if (thrown instanceof RangeError) throw withheld(thrown.message);
      throw thrown;
    }
  }
}

function withheld(why: string): Denial {
  return new Denial(
    'output-withheld',
    `Cannot show the result: policy wants data taken out of it, and that cannot be done: ${why}`,
    { hint: 'Ask for less, or for a text; or tell the user' },
  );
}

function invalid(problem: string, cause?: string): Denial {
  return new Denial('output-invalid', `Cannot take the result: ${problem}`, {
    cause,
    hint: 'The server broke its own contract; tell the user, or use another tool',
  });
}

/**
 * A result of another type (MCP 2026-07-28) is a question or unknown. Questions inside of results have been asked where the
 * upstream is spoken to; one that is still there would reach a modern client past policy and detector.
 */
const unfinished = ({ resultType }: JsonObject): string | undefined =>
  resultType === undefined || resultType === 'complete' ? undefined : 'it is of an unknown type';

type Shape = (result: JsonObject) => string | undefined;

const SHAPES: Readonly<Record<CallMethod, Shape>> = {
  'tools/call': (result) =>
    items(result, 'content', (item) => typeof item['type'] === 'string', 'an object with a type') ??
    (result['isError'] === undefined || typeof result['isError'] === 'boolean'
      ? undefined
      : 'isError is not a boolean'),
  'resources/read': (result) =>
    required(result, 'contents') ??
    items(
      result,
      'contents',
      (item) =>
        typeof item['uri'] === 'string' && isOptional(item['text']) && isOptional(item['blob']),
      'an object with a uri, text or blob',
    ),
  'prompts/get': (result) =>
    required(result, 'messages') ??
    items(
      result,
      'messages',
      (item) => typeof item['role'] === 'string' && isContent(item['content']),
      'an object with a role and content',
    ),
  'completion/complete': ({ completion }) => {
    const values = isJsonObject(completion) ? completion['values'] : undefined;
    return Array.isArray(values) && values.every((value: JsonValue) => typeof value === 'string')
      ? undefined
      : 'completion.values is not an array of strings';
  },
  'sampling/createMessage': (result) =>
    typeof result['role'] === 'string' && isContent(result['content'])
      ? undefined
      : 'role or content is missing',
  'elicitation/create': ({ action, content }) =>
    typeof action === 'string' &&
    (content === undefined || content === null || isJsonObject(content))
      ? undefined
      : 'action is missing, or content is not an object',
  'roots/list': (result) =>
    required(result, 'roots') ??
    items(result, 'roots', (item) => typeof item['uri'] === 'string', 'an object with a uri'),
};

const isOptional = (value: JsonValue | undefined): boolean =>
  value === undefined || typeof value === 'string';
const isContent = (value: JsonValue | undefined): boolean =>
  isJsonObject(value) || Array.isArray(value);

function required(result: JsonObject, field: string): string | undefined {
  return result[field] === undefined ? `${field} is missing` : undefined;
}

function items(
  result: JsonObject,
  field: string,
  fits: (item: JsonObject) => boolean,
  want: string,
): string | undefined {
  const list = result[field];
  if (list === undefined) return undefined;
  if (!Array.isArray(list)) return `${field} is not an array`;
  const wrong = list.findIndex((item: JsonValue) => !isJsonObject(item) || !fits(item));
  return wrong === -1 ? undefined : `${field}/${wrong} is not ${want}`;
}
