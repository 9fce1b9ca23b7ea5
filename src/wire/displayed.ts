import { isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import { visible } from '../lib/visible.ts';

const MAX_TEXT = 1000;
const MAX_ICONS = 8;
/** Characters of one address; a `data:` address is the picture itself. */
const MAX_ADDRESS = 65_536;
/** No SVG: that is a document, and may hold a script. */
const PICTURE = /^data:image\/(?:png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+=*$/u;
const SVG = /svg/iu;
const MIME = /^[\w.+-]{1,64}\/[\w.+-]{1,64}$/u;
const SIZE = /^(?:\d{1,5}x\d{1,5}|any)$/u;

/**
 * What a client may show of the one server that it is wrapped around: title, description, web page and icons of its
 * `serverInfo`. Only these members and only what fits: an icon is a file that somebody's program will open.
 */
export function displayed(serverInfo: JsonObject): JsonObject {
  const { name, title = name, description, websiteUrl, icons } = serverInfo;
  const shown: [string, JsonValue | undefined][] = [
    ['title', text(title)],
    ['description', text(description)],
    ['websiteUrl', isHttps(websiteUrl) ? websiteUrl : undefined],
    ['icons', Array.isArray(icons) ? pictures(icons) : undefined],
  ];
  return Object.fromEntries(shown.filter(([, value]) => value !== undefined));
}

function text(value: JsonValue | undefined): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return visible(value.slice(0, MAX_TEXT));
}

function pictures(icons: readonly JsonValue[]): JsonObject[] | undefined {
  const fit = icons.slice(0, MAX_ICONS).flatMap((icon) => {
    if (!isJsonObject(icon)) return [];
    const { src, mimeType, sizes, theme } = icon;
    if (typeof mimeType === 'string' && SVG.test(mimeType)) return [];
    if (!isHttps(src) && !(isShort(src) && PICTURE.test(src))) return [];
    return [
      {
        src,
        ...(typeof mimeType === 'string' && MIME.test(mimeType) ? { mimeType } : {}),
        ...(isSizes(sizes) ? { sizes } : {}),
        ...(theme === 'light' || theme === 'dark' ? { theme } : {}),
      },
    ];
  });
  return fit.length > 0 ? fit : undefined;
}

function isSizes(sizes: JsonValue | undefined): sizes is readonly string[] {
  if (!Array.isArray(sizes) || sizes.length > MAX_ICONS) return false;
  return sizes.every((size: JsonValue) => typeof size === 'string' && SIZE.test(size));
}

function isShort(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value.length <= MAX_ADDRESS;
}

function isHttps(value: JsonValue | undefined): value is string {
  return isShort(value) && URL.canParse(value) && new URL(value).protocol === 'https:';
}
