import { blocksText, timeText, type Cell, type Column, type ColumnKind, type Encoder } from "./ports.js";

const encoder = new TextEncoder();
/** What a spreadsheet takes for the beginning of a formula; it also reads the full-width forms, and skips blanks before them. */
const FORMULA = /^[\s\uFEFF]*[=+\-@＝＋－＠]|^[\t\r\n]/;
/** What most texts begin with, and no formula does. */
const PLAIN = /^[0-9A-Za-z]/;
const NUMBERS: ReadonlySet<ColumnKind> = new Set(["number", "integer", "money"]);

/**
 * RFC 4180, UTF-8 without a byte order mark, with a header; lines end with CR LF. All text is quoted and numbers are not; nothing at all
 * between two commas is null. A text that a spreadsheet would take for a formula gets an apostrophe before it.
 */
export const encodeCsv: Encoder = async function* (columns, pages) {
  yield encoder.encode(`${columns.map(({ name }) => `"${name}"`).join(",")}\r\n`);
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield encoder.encode(page.map((row) => lineOf(columns, row)).join(""));
  }
};

function lineOf<Row>(columns: readonly Column<Row>[], row: Row): string {
  return `${columns.map(({ kind, of }) => fieldOf(kind, of(row))).join(",")}\r\n`;
}

function fieldOf(kind: ColumnKind, cell: Cell): string {
  if (cell === null) return "";
  if (NUMBERS.has(kind) && typeof cell === "bigint") return cell.toString();
  return quoted(textOf(cell));
}

function textOf(cell: NonNullable<Cell>): string {
  if (typeof cell === "string") return cell;
  return typeof cell === "bigint" ? timeText(cell) : blocksText(cell);
}

function quoted(text: string): string {
  const harmless = !PLAIN.test(text) && FORMULA.test(text) ? `'${text}` : text;
  return harmless.includes('"') ? `"${harmless.replaceAll('"', '""')}"` : `"${harmless}"`;
}
