import { dayText } from "../ledger/read/days.js";
import type { SerialRange } from "../ledger/serial-partition.js";

/** What stands in one field of a row. Times are Unix seconds. */
export type Cell = string | bigint | readonly SerialRange[] | null;

/**
 * What a column holds. `number`: a small integer, which JSON has as a number. `integer`: one of up to 64 bits, which JSON has as a decimal
 * string. `money`: one of any length, which JSON and Parquet have as text. `time`: Unix seconds, shown as ISO 8601 in UTC. `blocks`: serial
 * blocks, both ends included.
 */
export type ColumnKind = "text" | "number" | "integer" | "money" | "time" | "blocks";

export interface Column<Row> {
  /** As the API calls it. */
  readonly name: string;
  readonly kind: ColumnKind;
  readonly isNullable?: boolean;
  readonly description?: string;
  of(row: Row): Cell;
}

/** Parts of all rows, the oldest first, each read when the one before was taken. */
export type RowPages<Row> = AsyncIterable<readonly Row[]>;

/** Turns rows into the bytes of a file; the pieces put together are the file. */
export type Encoder = <Row>(columns: readonly Column<Row>[], pages: RowPages<Row>) => AsyncGenerator<Uint8Array>;

export const EXPORT_FORMATS = ["csv", "ndjson", "parquet"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** A row, as the API and files of JSON show it. */
export function jsonRow<Row>(columns: readonly Column<Row>[], row: Row): Record<string, unknown> {
  return Object.fromEntries(columns.map(({ name, kind, of }) => [name, jsonCell(kind, of(row))]));
}

function jsonCell(kind: ColumnKind, cell: Cell): unknown {
  if (cell === null || typeof cell === "string") return cell;
  if (typeof cell !== "bigint") return cell.map(({ start, end }) => ({ start: String(start), end: String(end) }));
  if (kind === "number") return Number(cell);
  return kind === "time" ? timeText(cell) : cell.toString();
}

/** Serial blocks in one field of text: `1-500 701-800`. */
export function blocksText(blocks: readonly SerialRange[]): string {
  return blocks.map(({ start, end }) => `${start}-${end}`).join(" ");
}

/** The last second that a four-digit year can name: what lies beyond is shown as this. */
const LAST_SECOND = 253_402_300_799n;

const SECONDS_A_DAY = 86_400;
const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, "0"));

/** Unix seconds, from 0 on, as ISO 8601 in UTC. */
export function timeText(seconds: bigint): string {
  const shown = Number(seconds > LAST_SECOND ? LAST_SECOND : seconds);
  const ofDay = shown % SECONDS_A_DAY;
  const [hour, minute, second] = [Math.floor(ofDay / 3_600), Math.floor(ofDay / 60) % 60, ofDay % 60];
  const day = dayText(BigInt((shown - ofDay) / SECONDS_A_DAY));
  return `${day}T${TWO_DIGITS[hour]}:${TWO_DIGITS[minute]}:${TWO_DIGITS[second]}.000Z`;
}
