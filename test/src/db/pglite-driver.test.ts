import { PGlite } from "@electric-sql/pglite";
import { Kysely, sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { PreparingPGliteDialect } from "../../../src/db/pglite-driver.js";

interface Tables {
  things: { id: number; name: string | null };
}

describe("Prepared statements of PGlite", () => {
  let db: Kysely<Tables>;
  beforeAll(async () => {
    db = new Kysely<Tables>({ dialect: new PreparingPGliteDialect(await PGlite.create()) });
  });
  beforeEach(async () => {
    await sql`drop table if exists things`.execute(db);
    await sql`create table things (id int primary key, name text)`.execute(db);
  });
  afterAll(() => db.destroy());

  const insert = (id: number, name: string | null) => db.insertInto("things").values({ id, name }).executeTakeFirst();
  const all = () => db.selectFrom("things").selectAll().orderBy("id").execute();

  it("should answer each run with its own parameters, rows and counts", async () => {
    expect((await insert(1, "one")).numInsertedOrUpdatedRows).toBe(1n);
    await insert(2, null);
    expect(await all()).toEqual([
      { id: 1, name: "one" },
      { id: 2, name: null },
    ]);
    const update = db.updateTable("things").set({ name: "x" }).where("id", ">", 0);
    expect((await update.executeTakeFirst()).numUpdatedRows).toBe(2n);
  });

  it("given more texts than are kept, it should still run each of them", async () => {
    const ask = async (n: number) => (await sql<{ n: number }>`select ${sql.lit(n)}::int as n`.execute(db)).rows[0]?.n;
    for (let n = 0; n < 450; n += 1) expect(await ask(n)).toBe(n);
    expect(await ask(0)).toBe(0);
  });

  it("given a table that changed, it should fail once at most, and then tell what is there", async () => {
    await sql`create table changing (id int)`.execute(db);
    await sql`insert into changing values (1)`.execute(db);
    const read = async () => (await sql`select * from changing`.execute(db)).rows;
    expect(await read()).toEqual([{ id: 1 }]);
    await sql`alter table changing add column size int default 7`.execute(db);
    await read().catch(() => undefined);
    expect(await read()).toEqual([{ id: 1, size: 7 }]);
  });

  it("given a statement that fails, it should tell the SQLSTATE and go on", async () => {
    await insert(1, "one");
    await expect(insert(1, "again")).rejects.toMatchObject({ code: "23505" });
    await expect(sql`select nonsense`.execute(db)).rejects.toMatchObject({ code: "42703" });
    await insert(2, "two");
    expect(await all()).toHaveLength(2);
  });

  describe("given a transaction", () => {
    it("should keep others out of it until its end", async () => {
      const inside = db.transaction().execute(async (trx) => {
        await trx.insertInto("things").values({ id: 1, name: "one" }).execute();
        await new Promise((resolve) => setTimeout(resolve, 20));
        await trx.insertInto("things").values({ id: 2, name: "two" }).execute();
      });
      expect(await Promise.all([inside, all()])).toHaveLength(2);
      expect(await all()).toHaveLength(2);
    });

    it("that hides a failure of one of its statements, should not pass its end off as a commit", async () => {
      const hiding = db.transaction().execute(async (trx) => {
        await trx.insertInto("things").values({ id: 1, name: "one" }).execute();
        await trx
          .insertInto("things")
          .values({ id: 1, name: "again" })
          .execute()
          .catch(() => undefined);
      });
      await expect(hiding).rejects.toThrow(/rolled back/);
      expect(await all()).toEqual([]);
    });

    it("should have the isolation level that it asks for", async () => {
      const level = await db
        .transaction()
        .setIsolationLevel("repeatable read")
        .execute((trx) =>
          sql<{ level: string }>`select current_setting('transaction_isolation') as level`.execute(trx),
        );
      expect(level.rows).toEqual([{ level: "repeatable read" }]);
    });
  });

  it("given that it is closed, should say so", async () => {
    const pglite = await PGlite.create();
    const closing = new Kysely<Tables>({ dialect: new PreparingPGliteDialect(pglite) });
    await sql`select 1`.execute(closing);
    await pglite.close();
    await expect(sql`select 1`.execute(closing)).rejects.toThrow("PGlite is closed");
  });
});
