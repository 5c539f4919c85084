import { sql } from "kysely";
import { expect, it, beforeEach, afterEach } from "vitest";

import { copyRows } from "../../../src/db/copy.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";

const TEXTS = [
  "",
  "plain",
  "\\N",
  "a\tb\nc\rd\\e",
  "\\.",
  "phát thải ròng bằng 0",
  '{"a":"b"}',
  "\\n",
  "'; drop table events; --",
];

function event(index: number, text: string) {
  const args = { text, list: [1, text], nothing: null, wide: 2n ** 64n };
  return { block_number: BigInt(index), log_index: index, tx_hash: text, contract: "Units", name: "Paused", args };
}

describeEachDatabase("copyRows", (open) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  const stored = () => database.db.selectFrom("events").selectAll().orderBy("block_number").execute();

  it("should add rows as they are, whatever characters they have", async () => {
    await copyRows(
      database.db,
      "events",
      TEXTS.map((text, i) => event(i, text)),
    );
    const rows = await stored();
    expect(rows.map(({ tx_hash }) => tx_hash)).toEqual(TEXTS);
    const args = TEXTS.map((text) => ({ text, list: [1, text], nothing: null, wide: (2n ** 64n).toString() }));
    expect(rows.map((row) => row.args)).toEqual(args);
    expect(rows.map(({ block_number }) => block_number)).toEqual(TEXTS.map((_, i) => BigInt(i)));
  });

  it("should tell nothing apart from a text that looks like nothing", async () => {
    const account = { address: "\\N", participant_id: 1, status: "active", added_block: 1n, tx_hash: "0x" };
    await copyRows(database.db, "accounts", [
      { ...account, successor: null, proposed_successor: undefined, proposed_by: "\\N" },
    ]);
    const row = await database.db.selectFrom("accounts").selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ address: "\\N", successor: null, proposed_successor: null, proposed_by: "\\N" });
  });

  it("should send many rows in parts, and none without a statement", async () => {
    await copyRows(database.db, "events", []);
    await copyRows(
      database.db,
      "events",
      Array.from({ length: 12_001 }, (_, i) => event(i, `t${i}`)),
    );
    const { rows } = await sql<{ n: bigint }>`select count(*) as n from events`.execute(database.db);
    expect(rows).toEqual([{ n: 12_001n }]);
  });

  it("should add nothing when one row is there already, and leave a session that works", async () => {
    const attempt = database.db.transaction().execute(async (trx) => {
      await copyRows(trx, "events", [event(1, "a")]);
      await copyRows(trx, "events", [event(2, "b"), event(1, "c")]);
    });
    await expect(attempt).rejects.toMatchObject({ code: "23505" });
    expect(await stored()).toEqual([]);
    await expect(copyRows(database.db, "events", [{ ...event(1, "a"), block_number: "no number" }])).rejects.toThrow(
      /no number/,
    );
    await copyRows(database.db, "events", [event(1, "a")]);
    expect(await stored()).toHaveLength(1);
  });
});
