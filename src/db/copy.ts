import { CompiledQuery, sql } from "kysely";

import type { Session } from "./connection.js";
import { jsonText } from "./json.js";
import type { Database } from "./schema.js";

/** Rows sent by one statement: bounds the memory that one text takes. */
const ROWS_PER_STATEMENT = 5_000;

const COPY_IN = /^copy .+ from stdin$/;

/**
 * Adds rows to a table. Several times as fast as an `insert` of the same rows, which parses them as values first; a row that is there
 * already is an error.
 * @param rows All with the columns of the first. Objects and lists are written as JSON.
 */
export async function copyRows(db: Session, table: keyof Database, rows: readonly object[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const columns = Object.keys(first);
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const statement = sql`copy ${sql.table(table)} (${names}) from stdin`.compile(db).sql;
  for (let i = 0; i < rows.length; i += ROWS_PER_STATEMENT) {
    const text = copyText(rows.slice(i, i + ROWS_PER_STATEMENT), columns);
    await db.getExecutor().executeQuery(CompiledQuery.raw(statement, [text]));
  }
}

/** True for a statement whose one parameter is no parameter, but the text of the rows that it reads (PostgreSQL, COPY, text format). */
export function isCopyIn(statement: string): boolean {
  return statement.startsWith("copy ") && COPY_IN.test(statement);
}

function copyText(rows: readonly object[], columns: readonly string[]): string {
  let text = "";
  for (const row of rows) {
    let separator = "";
    for (const column of columns) {
      text += separator + field((row as Record<string, unknown>)[column]);
      separator = "\t";
    }
    text += "\n";
  }
  return text;
}

function field(value: unknown): string {
  switch (typeof value) {
    case "string":
      return escaped(value);
    case "number":
    case "bigint":
    case "boolean":
      return value.toString();
    default:
      return value === null || value === undefined ? "\\N" : escaped(jsonText(value));
  }
}

const SPECIAL = /[\\\n\r\t]/;
const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escaped(text: string): string {
  return SPECIAL.test(text) ? text.replace(/[\\\n\r\t]/g, (character) => ESCAPES[character] ?? character) : text;
}
