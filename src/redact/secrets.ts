import { secretForms } from '../audit/secret-forms.ts';
import { SECRET_PATTERN } from '../audit/secret-patterns.ts';
import { asItLooks } from './fold.ts';
import type { Find, Span } from './span.ts';

/** Finds well-known forms of credentials, and the owner's own in whatever encoding. */
export function createFindSecrets(own: readonly string[]): Find {
  const forms = secretForms(own).map((form) =>
    form.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`),
  );
  const known = forms.length === 0 ? undefined : new RegExp(forms.join('|'), 'g');

  return asItLooks(function findSecrets(text) {
    const spans: Span[] = [];
    for (const match of text.matchAll(SECRET_PATTERN)) {
      const kind = Object.entries(match.groups ?? {}).find(([, found]) => found !== undefined)?.[0];
      spans.push({
        start: match.index,
        end: match.index + match[0].length,
        kind: kind ?? 'secret',
      });
    }
    for (const match of known === undefined ? [] : text.matchAll(known))
      spans.push({ start: match.index, end: match.index + match[0].length, kind: 'secret' });
    return spans;
  });
}
