/** Text for people: tables and lists of fields. */

export interface Column<Item> {
  readonly title: string;
  readonly of: (item: Item) => string;
  /** Numbers stand right. */
  readonly right?: boolean;
}

export type Field = readonly [name: string, value: string | null];

const GAP = "  ";

/** A table, a line a row; columns grow to what they hold, and remember it for the next page. */
export function createTable<Item>(columns: readonly Column<Item>[]) {
  const widths = columns.map(({ title }) => widthOf(title));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => {
        const space = " ".repeat(Math.max(0, (widths[index] ?? 0) - widthOf(cell)));
        return columns[index]?.right === true ? space + cell : cell + space;
      })
      .join(GAP)
      .trimEnd();
  return {
    rows(items: readonly Item[]): string[] {
      const rows = items.map((item) => columns.map((column) => printable(column.of(item))));
      for (const row of rows) {
        for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, widthOf(cell));
      }
      return rows.map(line);
    },
    /** After the first rows, whose widths it takes. */
    heading: () => line(columns.map(({ title }) => title)),
  };
}

/** Names and values, aligned; what is null or empty is left out. */
export function fieldLines(fields: readonly Field[], indent = "  "): string[] {
  const shown = fields.filter(([, value]) => value !== null && value !== "");
  const width = Math.max(0, ...shown.map(([name]) => widthOf(name)));
  return shown.map(([name, value]) => {
    const space = " ".repeat(width - widthOf(name));
    return `${indent}${name}${space}${GAP}${printable(value ?? "")}`;
  });
}

/** What others wrote must not command the terminal: no control or format characters, and one line. */
export function printable(text: string): string {
  return text.normalize("NFC").replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ");
}

function widthOf(text: string): number {
  return Array.from(text.normalize("NFC")).length;
}
