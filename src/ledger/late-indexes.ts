import { sql } from "kysely";

import type { Db } from "../db/connection.js";
import { FOLDED_TABLES } from "./fold-state.js";

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
    const tables = ["events", "blocks", ...Object.keys(FOLDED_TABLES)];
    await this.#db.transaction().execute(async (trx) => {
      const { rows } = await sql<{ name: string; definition: string }>`
        select indexname as name, indexdef as definition from pg_indexes
        where schemaname = current_schema() and tablename in (${sql.join(tables)}) and indexdef not like 'CREATE UNIQUE %'
        order by indexname`.execute(trx);
      if (rows.length === 0) return;
      // There are some already where a process ended on the way, and a later version brought more indexes.
      const before = await takeDefinitions(trx);
      const value = JSON.stringify([...before, ...rows.map(({ definition }) => definition)]);
      await trx.insertInto("meta").values({ key: KEY, value }).execute();
      for (const { name } of rows) await trx.schema.dropIndex(name).execute();
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
