import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Every operation and every trade pays for each index, an operation three times in its life. `transaction_operations` knows which
 * operations a transaction carried, and nothing looks for a settled trade by one of its orders.
 */
export const fewerIndexesMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const index of ["operations_tx_hash", "settled_trades_taker", "settled_trades_maker"])
      await db.schema.dropIndex(index).execute();
  },

  async down(db: Kysely<unknown>): Promise<void> {
    await sql`create index operations_tx_hash on operations (tx_hash)`.execute(db);
    await sql`create index settled_trades_taker on settled_trades (taker_hash)`.execute(db);
    await sql`create index settled_trades_maker on settled_trades (maker_hash)`.execute(db);
  },
};
