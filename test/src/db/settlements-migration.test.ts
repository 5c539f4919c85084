import { sql } from "kysely";
import { Migrator } from "kysely/migration";
import { expect, it } from "vitest";

import { openDatabase } from "../../../src/db/connection.js";
import { migrations } from "../../../src/db/migrations/index.js";

const trade = (id: string, seq: number, status: string) => sql`
  insert into trades (id, seq, batch_code, mode, taker_hash, maker_hash, buyer, seller, buyer_participant_id, seller_participant_id,
    tonnes, price, buyer_maximum_fee, seller_maximum_fee, matched_at, status)
  values (${id}, ${seq}, 'A-1', 'book', 'taker', 'maker', 'b', 's', 1, 2, 3, 4, 0, 0, '2026-06-29T00:00:00Z', ${status})`;

const operation = (
  id: string,
  seq: number,
  lane: string,
  status: string,
  result: object | null,
  payload: object = {},
) => sql`
  insert into operations (id, seq, kind, status, lane, request, payload, tx_hash, result)
  values (${id}, ${seq}, 'settlement', ${status}, ${lane}, '{}', ${JSON.stringify(payload)}::text::jsonb,
    ${status === "accepted" ? null : "0xt"}, ${result === null ? null : JSON.stringify(result)}::text::jsonb)`;

/** Trades were operations beside themselves: what has happened before goes on in one row, and back. */
it("should make trades operations of their own, and two rows again", async () => {
  const { db, close } = await openDatabase({});
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
    const to = async (name: string) => {
      expect((await migrator.migrateTo(name)).error).toBeUndefined();
    };
    const states = async () => {
      const { rows } = await sql`
        select id, seq::text, status, buyer_fee::text as fee, tx_hash as tx, deal is not null as has_deal from trades order by seq`.execute(
        db,
      );
      return rows;
    };

    await to("011-notifications");
    await operation("other", 1, "intents", "accepted", null).execute(db);
    await operation("t1", 2, "settlement", "final", { tradeId: "t1", buyerFee: "7", sellerFee: "0" }).execute(db);
    await operation("t2", 3, "settlement", "sent", null).execute(db);
    await operation("t3", 5, "settlement", "accepted", null, { hash: "taker", deal: { terms: 1 } }).execute(db);
    await sql`select setval('operations_seq_seq', 5)`.execute(db);
    // Its fate was not told to the trade yet.
    await trade("t1", 1, "matched").execute(db);
    await trade("t2", 2, "matched").execute(db);
    await trade("t3", 3, "matched").execute(db);

    await to("012-settlements");
    expect(await states()).toEqual([
      { id: "t1", seq: "2", status: "settled", fee: "7", tx: "0xt", has_deal: false },
      { id: "t2", seq: "3", status: "matched", fee: null, tx: null, has_deal: false },
      { id: "t3", seq: "5", status: "matched", fee: null, tx: null, has_deal: true },
    ]);
    const unsettled = await db.selectFrom("unsettled_trades").selectAll().orderBy("seq").execute();
    expect(unsettled).toEqual([{ seq: 3n }, { seq: 5n }]);
    expect((await db.selectFrom("operations").select("id").execute()).map(({ id }) => id)).toEqual(["other"]);
    await sql`
      insert into trades (id, batch_code, mode, taker_hash, maker_hash, buyer, seller, buyer_participant_id, seller_participant_id,
        tonnes, price, buyer_maximum_fee, seller_maximum_fee, matched_at, status)
      select 't4', batch_code, mode, taker_hash, maker_hash, buyer, seller, buyer_participant_id, seller_participant_id,
        tonnes, price, buyer_maximum_fee, seller_maximum_fee, matched_at, status from trades where id = 't2'`.execute(
      db,
    );
    expect((await states()).at(-1)).toMatchObject({ id: "t4", seq: "6" });

    await to("011-notifications");
    const rows = await db
      .selectFrom("operations")
      .select(["id", "seq", "status", "result"])
      .where("lane", "=", "settlement")
      .orderBy("seq")
      .execute();
    expect(rows).toEqual([
      { id: "t1", seq: 2n, status: "final", result: { tradeId: "t1", buyerFee: "7", sellerFee: "0" } },
      { id: "t2", seq: 3n, status: "accepted", result: null },
      { id: "t3", seq: 5n, status: "accepted", result: null },
      { id: "t4", seq: 6n, status: "accepted", result: null },
    ]);
  } finally {
    await close();
  }
});
