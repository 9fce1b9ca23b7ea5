/** OpenMetrics 1.0, or the text format 0.0.4 that scrapers without it read. */
export type Format = 'openmetrics' | 'text';

/** What one name stands for. A counter's `name` is without `_total`, an info's without `_info`. */
export type Family = {
  readonly name: string;
  readonly help: string;
} & (
  | { readonly kind: 'counter' | 'gauge' | 'info' }
  /** Upper bounds, ascending, in the unit of the name. */
  | { readonly kind: 'histogram'; readonly bounds: readonly number[] }
);

export type Labels = Readonly<Record<string, string>>;

/** One number; without a value it is not shown. */
export type Cell = { value: number | undefined };

export interface Registry {
  /** A new series that whoever holds the cell writes. */
  cell(family: Family, value: number | undefined, labels?: Labels): Cell;
  /** A new series that is read when somebody asks. */
  read(family: Family, read: () => number | undefined, labels?: Labels): void;
  /** A new series of observations. */
  histogram(family: Family & { kind: 'histogram' }, labels?: Labels): (value: number) => void;
  render(format: Format): string;
}

type Series = () => readonly string[];

const SUFFIX = { counter: '_total', info: '_info', gauge: '', histogram: '' } as const;

/**
 * Metrics as text. A series exists from the moment its owner makes it: nothing that is counted can make another one, so
 * no caller can fill the memory with labels.
 */
export function createRegistry(): Registry {
  const families = new Map<Family, Series[]>();

  function add(family: Family, series: Series): void {
    const known = families.get(family);
    if (known) known.push(series);
    else families.set(family, [series]);
  }

  function read(family: Family, value: () => number | undefined, labels: Labels = {}): void {
    const sample = `${family.name}${SUFFIX[family.kind]}${labelText(labels)} `;
    add(family, () => {
      const now = value();
      return now === undefined ? [] : [sample + numberText(now)];
    });
  }

  return {
    cell(family, value, labels) {
      const cell: Cell = { value };
      read(family, () => cell.value, labels);
      return cell;
    },
    read,
    histogram(family, labels = {}) {
      const { name, bounds } = family;
      const counts = Array.from({ length: bounds.length + 1 }, () => 0);
      const samples = [...bounds, Number.POSITIVE_INFINITY].map(
        (bound) => `${name}_bucket${labelText({ ...labels, le: boundText(bound) })} `,
      );
      const rest = labelText(labels);
      let sum = 0;
      add(family, () => {
        let below = 0;
        const buckets = samples.map(
          (sample, at) => sample + numberText((below += counts[at] ?? 0)),
        );
        return [
          ...buckets,
          `${name}_sum${rest} ${numberText(sum)}`,
          `${name}_count${rest} ${below}`,
        ];
      });
      return (value) => {
        const at = bounds.findIndex((bound) => value <= bound);
        const place = at === -1 ? bounds.length : at;
        counts[place] = (counts[place] ?? 0) + 1;
        sum += value;
      };
    },
    render(format) {
      const texts = [...families].map(([family, series]) => {
        const samples = series.flatMap((each) => each());
        return samples.length === 0 ? '' : `${head(family, format)}${samples.join('\n')}\n`;
      });
      return `${texts.join('')}${format === 'openmetrics' ? '# EOF\n' : ''}`;
    },
  };
}

function head({ name, help, kind }: Family, format: Format): string {
  const unit = /_(?:seconds|bytes)$/u.exec(name)?.[0].slice(1);
  if (format === 'openmetrics')
    return `# TYPE ${name} ${kind}\n${unit === undefined ? '' : `# UNIT ${name} ${unit}\n`}# HELP ${name} ${help}\n`;
  // That format knows no info, and a counter by the name of its sample.
  const sample = `${name}${SUFFIX[kind]}`;
  return `# HELP ${sample} ${help}\n# TYPE ${sample} ${kind === 'info' ? 'gauge' : kind}\n`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value < 0 ? '-Inf' : '+Inf';
  return String(value);
}

/** One spelling in both formats, else a bucket would be two series (OpenMetrics, canonical numbers). */
function boundText(bound: number): string {
  return Number.isInteger(bound) ? bound.toFixed(1) : numberText(bound);
}
