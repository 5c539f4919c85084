import { sql } from "kysely";

import type { Db } from "../db/connection.js";
import { FOLDED_TABLES } from "./fold-state.js";

const TABLES = ["blocks", "events", ...Object.keys(FOLDED_TABLES)];

/** While there is more to write at once, looks wait until there are so many times as many new events: nobody asks for them before. */
const PATIENCE_BEHIND = 10;
/** Fewer new events than this are not worth a look at the tables. */
const FEWEST_EVENTS = 5_000;
/** Of each column the engine keeps so many common values and bounds, and reads 300 rows for each: enough to tell an index that selects. */
const STATISTICS_TARGET = 20;

/**
 * Tells the database what is in the tables of the read model, so that it chooses the right index. PGlite does not look by itself, and
 * PostgreSQL not at once. Looks come ever more rarely as the tables grow: all of them together cost a share of the work that is done anyway.
 */
export class Statistics {
  readonly #db: Db;
  #newEvents = 0;
  #known: number | null = null;

  constructor(db: Db) {
    this.#db = db;
  }

  /**
   * Has the tables looked at when as many events came as there were the last time.
   * @param isBehind More events are known to come.
   */
  async refresh(newEvents: number, isBehind: boolean): Promise<void> {
    this.#newEvents += newEvents;
    const enough = isBehind ? this.#newEvents / PATIENCE_BEHIND : this.#newEvents;
    if (enough < FEWEST_EVENTS) return;
    this.#known ??= await this.#eventsAtLastLook();
    if (enough < this.#known) return;
    await this.#db.transaction().execute(async (trx) => {
      const { rows } = await sql<{ name: string }>`select relname as name from pg_class
        where relnamespace = current_schema()::regnamespace and relname in (${sql.join(TABLES)}) and pg_relation_size(oid) > 0`.execute(
        trx,
      );
      await sql`set local default_statistics_target = ${sql.lit(STATISTICS_TARGET)}`.execute(trx);
      if (rows.length > 0) await sql`analyze ${sql.join(rows.map(({ name }) => sql.table(name)))}`.execute(trx);
    });
    this.#known = await this.#eventsAtLastLook();
    this.#newEvents = 0;
  }

  /** 0 when nobody has looked yet. */
  async #eventsAtLastLook(): Promise<number> {
    const result = await sql<{ rows: number }>`select greatest(reltuples, 0)::float8 as rows from pg_class
      where oid = 'events'::regclass`.execute(this.#db);
    return result.rows[0]?.rows ?? 0;
  }
}
