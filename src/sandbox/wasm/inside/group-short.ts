type GroupOptions = {
  readonly indent: number;
  readonly width: number;
  /** Whether the last item only counts what is left out. */
  readonly hasMore: boolean;
  readonly isNumeric: boolean;
};

const SEPARATOR = 2;
/** Short items may stand in more columns. */
const BIAS = 3;
const MAX_COLUMNS = 12;
/** Characters are so much higher than wide. */
const HEIGHT = 2.5;

/** Short items of a long list in columns, about as wide as high, as Node shows them. */
export function groupShort(
  items: string[],
  { indent, width, hasMore, isNumeric }: GroupOptions,
): string[] {
  const count = items.length - (hasMore ? 1 : 0);
  const lengths = items.slice(0, count).map((item) => item.length + SEPARATOR);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const longest = Math.max(...lengths);
  const isShort = longest * 3 + indent < width;
  if (!isShort || !(total / longest > 5 || longest - SEPARATOR <= 6)) return items;
  const biased = Math.max(longest - BIAS - Math.sqrt(longest - total / items.length), 1);
  const columns = Math.min(
    Math.round(Math.sqrt(HEIGHT * biased * count) / biased),
    Math.floor((width - indent) / longest),
    MAX_COLUMNS,
  );
  if (columns <= 1) return items;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...lengths.filter((__, at) => at % columns === column)),
  );
  const rows: string[] = [];
  for (let at = 0; at < count; at += columns)
    rows.push(row(items.slice(at, Math.min(at + columns, count)), widths, isNumeric));
  return hasMore ? [...rows, items.at(-1) ?? ''] : rows;
}

function row(cells: readonly string[], widths: readonly number[], isNumeric: boolean): string {
  return cells
    .map((cell, column) => {
      const width = widths[column] ?? 0;
      const isLast = column === cells.length - 1;
      if (isNumeric) return isLast ? cell.padStart(width - SEPARATOR) : `${cell}, `.padStart(width);
      return isLast ? cell : `${cell}, `.padEnd(width);
    })
    .join('');
}
