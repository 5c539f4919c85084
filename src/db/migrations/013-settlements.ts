import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Commands are mostly digests and signatures, which do not shrink: to compress a row of the log costs more than to keep it as it is. */
export const settlementsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table market_log alter column commands set storage external`.execute(db);
  },

  async down(db: Kysely<unknown>): Promise<void> {
    await sql`alter table market_log alter column commands set storage extended`.execute(db);
  },
};
