import { sql, type RawBuilder, type SelectQueryBuilder } from "kysely";

import { Problem } from "../../errors.js";

/** A part of a list. `next` asks for the part after it; null at the end. */
export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}

/** `limit`: most items in the answer (checked by the caller, 1 to 200). `cursor`: the `next` of the page before. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A column that the list is ordered by; together they are unique. */
export interface PageKey {
  /** As the query names it. */
  readonly column: string;
  readonly kind: "int4" | "int8" | "numeric" | "text";
}

/** What the columns can hold: a cursor that anyone can write must not become an error of the database. */
const FITS: Readonly<Record<PageKey["kind"], (text: string) => boolean>> = {
  int4: (text) => /^\d{1,9}$/.test(text),
  int8: (text) => /^\d{1,18}$/.test(text),
  numeric: (text) => /^\d{1,20}$/.test(text),
  text: (text) => text.length <= 100 && !text.includes("\u0000"),
};

/** What of a list comes after the cursor, and in which order: for a query that is to stop early inside, too. */
export interface PageBounds {
  readonly after: RawBuilder<boolean>;
  readonly order: RawBuilder<unknown>;
}

/** @throws Problem `cursor-invalid` */
export function pageBounds(
  keys: readonly PageKey[],
  direction: "asc" | "desc",
  cursor: string | undefined,
): PageBounds {
  const columns = keys.map(({ column }) => sql.ref(column));
  const order = sql.join(columns.map((column) => sql`${column} ${sql.raw(direction)}`));
  if (cursor === undefined) return { after: sql<boolean>`true`, order };
  const values = sql.join(
    decodeCursor(cursor, keys).map((value, i) => sql`${value}::${sql.raw(keys[i]?.kind ?? "text")}`),
  );
  const comparison = sql.raw(direction === "asc" ? ">" : "<");
  return { after: sql<boolean>`(${sql.join(columns)}) ${comparison} (${values})`, order };
}

/**
 * Reads one page by key, not by offset: its cost does not grow with its place, and rows that arrive meanwhile shift nothing.
 * @throws Problem `cursor-invalid`
 */
export async function readPage<DB, TB extends keyof DB, Row, View>(
  query: SelectQueryBuilder<DB, TB, Row>,
  keys: readonly PageKey[],
  direction: "asc" | "desc",
  { limit, cursor }: PageRequest,
  view: (row: Row) => View,
): Promise<Page<View>> {
  const columns = keys.map(({ column }) => sql.ref(column));
  const keyTexts = sql<string[]>`array[${sql.join(columns.map((column) => sql`${column}::text`))}]`;
  let paged = query.select(keyTexts.as("page_key")).limit(limit + 1);
  for (const column of columns) paged = paged.orderBy(column, direction);
  if (cursor !== undefined) paged = paged.where(pageBounds(keys, direction, cursor).after);
  const rows = (await paged.execute()) as (Row & { page_key: string[] })[];
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(view),
    next: rows.length > limit && last !== undefined ? encodeCursor(last.page_key) : null,
  };
}

/** The cursor of the page that comes after a row: the texts of its keys. */
export function encodeCursor(values: readonly string[]): string {
  return Buffer.from(JSON.stringify(values)).toString("base64url");
}

function decodeCursor(cursor: string, keys: readonly PageKey[]): string[] {
  const values = parse(Buffer.from(cursor, "base64url").toString());
  const fits =
    Array.isArray(values) &&
    values.length === keys.length &&
    keys.every(({ kind }, i) => typeof values[i] === "string" && FITS[kind](values[i]));
  if (!fits) throw new Problem("cursor-invalid");
  return values as string[];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A pattern for `ilike` that finds a text anywhere, whatever characters it has. */
export function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}
