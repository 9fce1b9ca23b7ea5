import { normalForm } from '../../lib/normal-form.ts';
import { decode } from './decode.ts';
import { isAbout, type Leaf, type Leaves } from './leaves.ts';
import { UNCLEAR } from './unclear.ts';

export type ZonesOptions = {
  /** Names and the absolute paths of the folders that they stand for. */
  readonly zones: Readonly<Record<string, readonly string[]>>;
  /** What `~` is. */
  readonly home: string;
};

const PATH_WORDS = new Set(
  'path paths file files filename filenames filepath dir directory directories folder folders cwd root roots src source dest destination target'.split(
    ' ',
  ),
);
const LIKE_PATH =
  /^(?:[/\\~]|\.{1,2}(?:[/\\]|$)|[A-Za-z]:[/\\]|file:|\$\{?\w+\}?[/\\]|%\w+%[/\\])/iu;
/** Steps out of a folder, wherever they are. */
const LEAVES = /(?:^|[/\\])\.\.(?:[/\\]|$)/u;
/** What a variable stands for only the server knows. */
const VARIABLE = /^(?:\$\{?\w|%\w+%)/u;
/** No code, no markup and no second line. */
const ONE_NAME = /^[^\r\n"'<>{}()[\];|]*$/u;
const LINE = /^\s*(?:\/(?![/*])|~\/|\.{1,2}\/|[a-z]:[/\\])/iu;
/** Between paths, where another one begins. */
const NEXT =
  /[\r\n]+|(?:[,;|]?\s|[,;|])(?=[/\\~]|\.\.(?:[/\\]|$)|[a-z]:[/\\]|file:)|(?<!^(?:file|[a-z])):(?!\/\/)(?=[/\\~])/iu;
const MAX_PATH = 4096;
const MAX_LISTED = 100;

/** Files that hold credentials, wherever they are. */
const CREDENTIALS =
  /\/(?:\.(?:ssh|gnupg|aws|azure|kube|docker|password-store)(?:\/|$)|\.(?:netrc|pgpass|git-credentials|npmrc|pypirc|env(?:\.[^/]*)?|htpasswd)$|\.config\/gcloud(?:\/|$)|id_(?:rsa|dsa|ecdsa|ed25519)[^/]*$|[^/]+\.(?:pem|key|p12|pfx|jks|kdbx|keychain-db)$|etc\/(?:shadow|gshadow|sudoers)|proc\/[^/]+\/environ$|run\/secrets(?:\/|$))/iu;

/** First match of the most folders wins; compared without case, as some file systems do. */
const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  temp: ['/tmp', '/var/tmp', '/private/tmp', '/private/var/tmp', '/dev/shm'],
  home: ['/home', '/users', '/root', 'c:/users'],
  system: [
    '/etc', '/usr', '/bin', '/sbin', '/lib', '/lib64', '/boot', '/proc', '/sys', '/dev', '/run', '/var',
    '/private/etc', '/private/var', '/library', '/system', 'c:/windows', 'c:/program files',
    'c:/program files (x86)', 'c:/programdata',
  ],
}; // prettier-ignore

/** The zones of all paths in the arguments. Links are not followed: the files may be on another machine. */
export function createZones({ zones, home }: ZonesOptions): (leaves: Leaves) => Set<string> {
  const own = Object.entries(zones).flatMap(([name, folders]) =>
    folders.map((folder) => ({ name, folder: canonical(slashes(folder)) })),
  );
  const general = [
    { name: 'home', folder: fold(canonical(slashes(home))) },
    ...Object.entries(BUILT_IN).flatMap(([name, folders]) =>
      folders.map((folder) => ({ name, folder })),
    ),
  ];

  function zoneOf(path: string): string[] {
    const folded = fold(path);
    const rooted = path.startsWith('/') ? path : `/${path}`;
    if (CREDENTIALS.test(rooted) || CREDENTIALS.test(bare(rooted))) return ['credentials'];
    const exact = longest(own, path);
    const near = longest(
      own.map((zone) => ({ ...zone, folder: fold(zone.folder) })),
      folded,
    );
    const other = longest(general, folded);
    // Whether two cases are one file is not known here.
    if (near && near.name !== exact?.name)
      return [...(exact ? [exact.name] : []), near.name, UNCLEAR];
    if (exact && (!other || exact.folder.length >= other.folder.length)) return [exact.name];
    if (other) return [other.name];
    if (isAbsolute(path)) return ['other'];
    return [path === '..' || path.startsWith('../') ? 'outside' : 'relative'];
  }

  function zonesOf(text: string): Set<string> {
    const found = new Set<string>();
    if (text.length > MAX_PATH) return found.add(UNCLEAR);
    const all = new Set([text, text.trim(), ...listed(text)]);
    if (all.size > MAX_LISTED) return found.add(UNCLEAR);
    // A blank in front makes a relative path of it where nobody trims.
    for (const each of all)
      for (const reading of readings(each))
        for (const zone of zoneOf(canonical(expand(reading)))) found.add(zone);
    if (VARIABLE.test(text.trim())) found.add(UNCLEAR);
    if (found.size > 1) found.add(UNCLEAR);
    return found;
  }

  function expand(path: string): string {
    if (path === '~' || path.startsWith('~/')) return slashes(home) + path.slice(1);
    // Somebody else's home.
    return path.startsWith('~') ? `/home/${path.slice(1)}` : path;
  }

  return function zonesIn({ all, isWhole }) {
    const found = new Set<string>(isWhole ? [] : [UNCLEAR]);
    for (const leaf of all) {
      const text = pathIn(leaf);
      if (text !== undefined) for (const zone of zonesOf(text)) found.add(zone);
    }
    return found;
  };
}

function pathIn({ value: given, words, isName }: Leaf): string | undefined {
  if (typeof given !== 'string') return undefined;
  const value = given.replace(/^-{1,2}[\w-]{1,64}=/u, '');
  const text = value.trim();
  if (text === '') return undefined;
  if (!isName && isAbout(words, PATH_WORDS)) return isUrl(text) ? undefined : value;
  if (text.split(/[\r\n]+/u).every((line) => LINE.test(line))) return value;
  const all = text.length > MAX_PATH ? [text] : readings(text);
  const isPath = all.some((reading) =>
    // Programs take the dots out first, and what goes with them may be anything.
    LEAVES.test(reading)
      ? isOneName(canonical(reading))
      : LIKE_PATH.test(reading) && text.length <= MAX_PATH && !/[\r\n]/u.test(text),
  );
  return isPath ? value : undefined;
}

function isOneName(path: string): boolean {
  return path.length <= MAX_PATH && ONE_NAME.test(path);
}

/** The paths of a text that a program may take for several. */
function listed(text: string): string[] {
  return text
    .split(NEXT)
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** To a program that takes paths `x://../../etc` is one, and leads out. */
function isUrl(text: string): boolean {
  if (!/^[a-z][a-z0-9+.-]+:\/\//iu.test(text) || /^file:/iu.test(text)) return false;
  return !readings(text).some((reading) => LEAVES.test(reading));
}

/** What programs have made of such a text: undecoded and decoded, once and twice, with either slash, cut at a NUL. */
function readings(text: string): string[] {
  // A drive or a share: there a backslash is a slash.
  const given = /^(?:[a-z]:\\|\\\\)/iu.test(text) ? slashes(text) : text;
  const decoded = decode(given);
  const found = new Set([given, decoded, decode(decoded)]);
  for (const each of found) {
    found.add(normalForm(each, 'NFKC'));
    const [before = '', ...more] = each.split('\0');
    if (more.length > 0) found.add(before);
  }
  for (const each of found) found.add(slashes(each));
  return [...found].map((each) => each.replace(/^file:(?:\/\/[^/]*)?/iu, ''));
}

/** A share on another machine stays one: `\\\\data\\a` is not `/data/a`. */
function slashes(path: string): string {
  return path.replace(/^\\{2}(?=[^\\/])/u, 'unc:/').replaceAll('\\', '/');
}

/** Without what Windows and some file systems leave out of a name: dots and blanks at its end, streams, marks unseen. */
function bare(path: string): string {
  return path
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/(?<=[^/])::?[^/:]*(?::[^/]*)?(?=\/|$)/gu, '')
    .replaceAll(ENDS, '');
}

const ENDS = /(?<=[^./ ])[. ]+(?=\/|$)/gu;

const DRIVE = /^(?:[a-z]|unc):(?=\/|$)/iu;

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || DRIVE.test(path);
}

/** Without `.`, `..` and doubled slashes; a relative path that leaves its folder begins with `..`. */
function canonical(path: string): string {
  const drive = DRIVE.exec(path)?.[0] ?? '';
  const rest = path.slice(drive.length);
  const isRooted = drive !== '' || rest.startsWith('/');
  const kept: string[] = [];
  for (const step of rest.split('/'))
    if (step === '..') {
      if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
      else if (!isRooted) kept.push(step);
    } else if (step !== '' && step !== '.') kept.push(step);
  return `${drive}${isRooted ? '/' : ''}${kept.join('/')}`;
}

function fold(path: string): string {
  return normalForm(path, 'NFKC').toLowerCase().replaceAll(ENDS, '');
}

type Zone = { readonly name: string; readonly folder: string };

function longest(zones: readonly Zone[], path: string): Zone | undefined {
  let best: Zone | undefined;
  for (const zone of zones) {
    const { folder } = zone;
    const isIn = path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
    if (isIn && (!best || folder.length > best.folder.length)) best = zone;
  }
  return best;
}
