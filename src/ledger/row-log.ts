import { sql } from "kysely";

import type { Session } from "../db/connection.js";
import { copyRows } from "../db/copy.js";
import { jsonText } from "../db/json.js";
import type { Row, TableName } from "./row-cache.js";

/**
 * Rows that are only ever added to a table: nothing is read, and nothing is compared. A row may still be changed by its reference until
 * it is written.
 */
export class RowLog<T extends TableName> {
  readonly #session: Session;
  readonly #table: T;
  readonly #isFirstKept: boolean;
  #rows: Row<T>[] = [];

  /** `isFirstKept`: a row whose key is there already is dropped; otherwise it is an error. */
  constructor(session: Session, table: T, { isFirstKept = false } = {}) {
    this.#session = session;
    this.#table = table;
    this.#isFirstKept = isFirstKept;
  }

  add(row: Row<T>): void {
    this.#rows.push(row);
  }

  /** Writes what was added. */
  async flush(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    if (rows.length === 0) return;
    if (this.#isFirstKept) await this.#insertNew(rows);
    else await copyRows(this.#session, this.#table, rows);
  }

  async #insertNew(rows: readonly Row<T>[]): Promise<void> {
    await sql`insert into ${sql.table(this.#table)}
      select * from json_populate_recordset(null::${sql.table(this.#table)}, ${jsonText(rows)}::json)
      on conflict do nothing`.execute(this.#session);
  }
}
