import { finished } from "node:stream/promises";
import pg from "pg";
import { from } from "pg-copy-streams";

import { isCopyIn } from "./copy.js";

/** PostgreSQL's client, which runs a `copy … from stdin` with the rows as its parameter like any other statement. */
export class CopyingClient extends pg.Client {
  override query(...args: unknown[]): never {
    const [statement, values] = args;
    if (typeof statement === "string" && Array.isArray(values) && isCopyIn(statement)) {
      return this.#copyIn(statement, String(values[0])) as never;
    }
    return super.query(...(args as [string])) as never;
  }

  async #copyIn(statement: string, rows: string): Promise<pg.QueryResult> {
    const stream = super.query(from(statement));
    stream.end(rows);
    await finished(stream);
    return { command: "COPY", rowCount: stream.rowCount, rows: [], fields: [], oid: 0 };
  }
}
