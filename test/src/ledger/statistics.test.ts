import { sql } from "kysely";
import { expect, it } from "vitest";

import { Statistics } from "../../../src/ledger/statistics.js";
import { describeEachDatabase } from "../../support/database.js";

describeEachDatabase("statistics", (open) => {
  it("should have the tables looked at when as many events came as there were", async () => {
    const { db, close } = await open();
    try {
      const known = async (): Promise<number> => {
        const result = await sql<{ n: number }>`select reltuples::float8 as n from pg_class
          where oid = 'events'::regclass`.execute(db);
        return result.rows[0]?.n ?? 0;
      };
      const add = async (from: number, to: number): Promise<void> => {
        await sql`insert into events select n, 0, 't', 'Units', 'Paused', '{}' from generate_series(${from}::int4, ${to}::int4) n`.execute(
          db,
        );
      };
      const statistics = new Statistics(db);
      await add(1, 20_000);
      await statistics.refresh(4_999, false);
      expect(await known()).toBeLessThanOrEqual(0);
      await statistics.refresh(1, false);
      expect(await known()).toBe(20_000);
      await add(20_001, 40_000);
      await statistics.refresh(19_999, false);
      expect(await known()).toBe(20_000);
      await statistics.refresh(1, false);
      expect(await known()).toBe(40_000);
      await add(40_001, 80_000);
      await statistics.refresh(200_000, true);
      expect(await known()).toBe(40_000);
      await statistics.refresh(0, false);
      expect(await known()).toBe(80_000);
    } finally {
      await close();
    }
  });
});
