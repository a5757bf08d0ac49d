/** Rows of text under a head; `print` makes columns of it, `markdown` a table to paste. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: ReadonlyArray<readonly string[]>;
}

/** Columns as wide as their widest cell; numbers to the right. */
export function plain({ head, rows }: Table): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const isNumeric = numericColumns({ head, rows });
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (isNumeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

export function markdown({ title, head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  const rule = numericColumns({ head, rows }).map((isNumeric) => (isNumeric ? '---:' : '---'));
  return [`### ${title}`, '', line(head), line(rule), ...rows.map(line)].join('\n');
}

const numericColumns = ({ head, rows }: Pick<Table, 'head' | 'rows'>) =>
  head.map((_, column) => rows.every((row) => /^[-–\d.]*$/.test(row[column] ?? '')));

/** A number with `digits` decimals; `-` where there is none. */
export function figure(value: number | undefined, digits = 2): string {
  return value === undefined || !Number.isFinite(value) ? '-' : value.toFixed(digits);
}

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : mean(sorted.slice(Math.max(0, middle - 1), middle + 1));
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
