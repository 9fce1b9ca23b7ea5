import { describeError } from './describe-error.ts';
import { groupShort } from './group-short.ts';
import { quote } from './quote.ts';

const WIDTH = 80;
/** Objects this much above the innermost one still go on one line. */
const COMPACT = 3;
const MAX_ITEMS = 100;
const MAX_DEPTH = 2;

type State = {
  readonly seen: unknown[];
  readonly circular: Map<object, number>;
  readonly maxDepth: number;
  /** Depth of what was looked at last. */
  depth: number;
  indent: number;
};

type Shape = {
  readonly prefix: string;
  readonly braces: readonly [string, string];
  readonly items: string[];
  readonly isList: boolean;
};

/** How `console.log` of Node shows a value that is no text. Never throws of itself; getters of the value are not run. */
export function formatValue(value: unknown, maxDepth: number = MAX_DEPTH): string {
  return format(value, 0, { seen: [], circular: new Map(), maxDepth, depth: 0, indent: 0 });
}

function format(value: unknown, depth: number, state: State): string {
  if (typeof value === 'string') return formatText(value, state);
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'symbol') return value.toString();
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null)
    return String(value);
  if (state.seen.includes(value)) {
    const known = state.circular.get(value) ?? state.circular.size + 1;
    state.circular.set(value, known);
    return `[Circular *${known}]`;
  }
  return formatObject(value, depth, state);
}

/** A long text of several lines is shown line by line. */
function formatText(text: string, { indent }: State): string {
  if (text.length <= 16 || text.length <= WIDTH - indent - 4 || !text.includes('\n'))
    return quote(text);
  return text
    .split(/(?<=\n)/u)
    .map(quote)
    .join(` +\n${' '.repeat(indent + 2)}`);
}

function formatObject(value: object, depth: number, state: State): string {
  const name = className(value);
  if (depth > state.maxDepth && hasParts(value))
    return `[${Array.isArray(value) ? 'Array' : name || 'Object'}]`;
  state.depth = depth;
  state.seen.push(value);
  const shape = shapeOf(value, name, depth, state);
  state.seen.pop();
  const { prefix, braces, items, isList } = shape;
  const number = state.circular.get(value);
  const mark = number === undefined ? '' : `<ref *${number}> `;
  if (items.length === 0) return mark + (braces[0] === '' ? prefix : `${prefix}${braces.join('')}`);
  const start = `${mark}${prefix}${braces[0] || '{'}`;
  return layOut(start, braces[1] || '}', isList ? group(value, items, state) : items, {
    state,
    isOpen: state.depth - depth < COMPACT,
    count: items.length,
  });
}

/** Whether there is anything below it to show. */
function hasParts(value: object): boolean {
  if (enumerable(value).length > 0 || value instanceof Map || value instanceof Set) return true;
  return ArrayBuffer.isView(value) || (Array.isArray(value) && value.length > 0);
}

function group(value: object, items: string[], { indent }: State): string[] {
  if (items.length <= 6) return items;
  const values: unknown[] = Array.isArray(value) ? value : [];
  const hasMore = /^\.\.\. \d+ more items?$/u.test(items.at(-1) ?? '');
  const isNumeric = values.every((one) => typeof one === 'number' || typeof one === 'bigint');
  return groupShort(items, { indent, width: WIDTH, hasMore, isNumeric });
}

function layOut(
  start: string,
  end: string,
  items: readonly string[],
  { state, isOpen, count }: { state: State; isOpen: boolean; count: number },
): string {
  if (isOpen && items.length === count) {
    const length = items.reduce((sum, item) => sum + item.length + 1, 0);
    const total = length + items.length + state.indent + start.length + 10;
    const line = `${start} ${items.join(', ')} ${end}`;
    if (total <= WIDTH && !line.includes('\n')) return line;
  }
  const margin = `\n${' '.repeat(state.indent)}`;
  return `${start}${margin}  ${items.join(`,${margin}  `)}${margin}${end}`;
}

function shapeOf(value: object, name: string, depth: number, state: State): Shape {
  const inner = (one: unknown): string => {
    state.indent += 2;
    const text = format(one, depth + 1, state);
    state.indent -= 2;
    return text;
  };
  const properties = (keys: readonly PropertyKey[]): string[] =>
    keys.map((key) => formatProperty(value, key, inner));
  const keys = enumerable(value);
  const sized = (size: number): string => `${name}(${size}) `;
  const plain = { braces: ['{', '}'], isList: false } as const;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    if (value instanceof DataView) return { ...plain, prefix: `${name} `, items: properties(keys) };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every view but DataView is a list
    const list = value as unknown as ArrayLike<unknown>;
    const own = keys.filter((key) => typeof key === 'symbol' || !/^\d+$/u.test(key));
    return {
      prefix: Array.isArray(value) && name === 'Array' ? '' : sized(list.length),
      braces: ['[', ']'],
      items: [...formatList(list, inner), ...properties(own)],
      isList: true,
    };
  }
  if (value instanceof Map)
    return {
      ...plain,
      prefix: sized(value.size),
      items: [
        ...[...value].map(([key, one]) => `${inner(key)} => ${inner(one)}`),
        ...properties(keys),
      ],
    };
  if (value instanceof Set)
    return {
      ...plain,
      prefix: sized(value.size),
      items: [...[...value].map(inner), ...properties(keys)],
    };
  if (value instanceof ArrayBuffer)
    return { ...plain, prefix: `${name} `, items: [`byteLength: ${value.byteLength}`] };
  const said = asWord(value, name);
  if (said !== undefined)
    return {
      prefix: keys.length === 0 ? said : `${said} `,
      braces: keys.length === 0 ? ['', ''] : ['{', '}'],
      items: properties(keys),
      isList: false,
    };
  const prefix = name === 'Object' ? '' : `${name || '[Object: null prototype]'} `;
  return { ...plain, prefix, items: properties(keys) };
}

function formatList(list: ArrayLike<unknown>, inner: (one: unknown) => string): string[] {
  const items: string[] = [];
  let at = 0;
  for (; at < list.length && items.length < MAX_ITEMS; at++) {
    if (Object.hasOwn(list, at)) {
      items.push(inner(list[at]));
      continue;
    }
    const from = at;
    while (at + 1 < list.length && !Object.hasOwn(list, at + 1)) at++;
    items.push(`<${many(at - from + 1, 'empty item')}>`);
  }
  if (at < list.length) items.push(`... ${many(list.length - at, 'more item')}`);
  return items;
}

function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** What is shown as one word: functions, errors, dates and the like. */
function asWord(value: object, name: string): string | undefined {
  if (typeof value === 'function') return functionWord(value.toString(), value.name, name);
  if (value instanceof Error) return bracketed(describeError(value));
  if (value instanceof RegExp) return value.toString();
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof WeakMap || value instanceof WeakSet) return `${name} { <items unknown> }`;
  return undefined;
}

function bracketed(text: string): string {
  return text.includes('\n') ? text : `[${text}]`;
}

function functionWord(source: string, name: string, kind: string): string {
  if (/^class\b/u.test(source)) return `[class ${name || '(anonymous)'}]`;
  return `[${kind}${name === '' ? ' (anonymous)' : `: ${name}`}]`;
}

function formatProperty(value: object, key: PropertyKey, inner: (one: unknown) => string): string {
  const own = Reflect.getOwnPropertyDescriptor(value, key) ?? {};
  const accessors = [own.get && 'Getter', own.set && 'Setter'].filter(Boolean).join('/');
  return `${keyWord(key)}: ${accessors === '' ? inner(own.value) : `[${accessors}]`}`;
}

function keyWord(key: PropertyKey): string {
  if (typeof key === 'symbol') return `[${key.toString()}]`;
  const word = String(key);
  return /^[a-zA-Z_][a-zA-Z_0-9]*$/u.test(word) ? word : quote(word);
}

function enumerable(value: object): (string | symbol)[] {
  return Reflect.ownKeys(value).filter((key) =>
    Object.prototype.propertyIsEnumerable.call(value, key),
  );
}

function className(value: object): string {
  for (let one: unknown = value; typeof one === 'object' || typeof one === 'function';) {
    if (one === null) return '';
    const maker: unknown = Reflect.getOwnPropertyDescriptor(one, 'constructor')?.value;
    if (typeof maker === 'function' && maker.name !== '') return maker.name;
    one = Reflect.getPrototypeOf(one);
  }
  return '';
}
