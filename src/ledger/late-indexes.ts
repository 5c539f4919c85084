import { sql } from "kysely";

import type { Db } from "../db/connection.js";
import type { TableName } from "./row-cache.js";

/** Those that get rows by nearly every act. To take the indexes of the others away, and make them again, would cost more than they do. */
const GROWING_TABLES = [
  "events",
  "blocks",
  "intents",
  "transfers",
  "retirements",
  "cancellations",
  "unit_movements",
  "serial_moves",
  "serial_blocks",
  "cash_movements",
  "exchange_movements",
  "settled_trades",
] as const satisfies readonly (TableName | "events" | "blocks")[];

/** In `meta`: the statements that make the indexes again, as a list. */
const KEY = "lateIndexes";

/**
 * The indexes that only readers need. A read model that has a long way to go does without them: to keep them up row by row costs more than
 * to make them once at the end. What keeps rows unique stays.
 */
export class LateIndexes {
  readonly #db: Db;
  /** Whether they are known to be there: a process before this one may have ended without them. */
  #areThere = false;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Takes them away. Their definitions are written down in the same transaction: they are made again, whatever happens. */
  async drop(): Promise<void> {
    this.#areThere = false;
    await this.#db.transaction().execute(async (trx) => {
      const { rows } = await sql<{ name: string; definition: string }>`
        select i.relname as name, pg_get_indexdef(i.oid) as definition
        from pg_class t join pg_index x on x.indrelid = t.oid and not x.indisunique join pg_class i on i.oid = x.indexrelid
        where t.relnamespace = current_schema()::regnamespace and t.relname in (${sql.join(GROWING_TABLES)})
        order by i.relname`.execute(trx);
      if (rows.length === 0) return;
      // There are some already where a process ended on the way, and a later version brought more indexes.
      const before = await takeDefinitions(trx);
      const value = JSON.stringify([...before, ...rows.map(({ definition }) => definition)]);
      await trx.insertInto("meta").values({ key: KEY, value }).execute();
      await sql`drop index ${sql.join(rows.map(({ name }) => sql.ref(name)))}`.execute(trx);
    });
  }

  /** Makes them again, if they were taken away. */
  async restore(): Promise<void> {
    if (this.#areThere) return;
    await this.#db.transaction().execute(async (trx) => {
      for (const definition of await takeDefinitions(trx)) await sql.raw(definition).execute(trx);
    });
    this.#areThere = true;
  }
}

/** Of two processes that ask, the second waits for the first, and then finds none. */
async function takeDefinitions(trx: Db): Promise<string[]> {
  const stored = await trx.deleteFrom("meta").where("key", "=", KEY).returning("value").executeTakeFirst();
  return stored === undefined ? [] : (JSON.parse(stored.value) as string[]);
}
