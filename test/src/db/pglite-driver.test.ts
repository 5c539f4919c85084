import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kysely, sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { PreparingPGliteDialect } from "../../../src/db/pglite-driver.js";
import { openInThisThread, type PGliteEngine } from "../../../src/db/pglite-engine.js";
import { openInOwnThread } from "../../../src/db/pglite-thread.js";

interface Tables {
  things: { id: number; name: string | null };
}

const directory = mkdtempSync(join(tmpdir(), "ledger-driver-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Counts the exchanges that the engine has been given and has not answered. */
function counting(engine: PGliteEngine): PGliteEngine & { most: number } {
  let waiting = 0;
  const counted = {
    most: 0,
    async exchange(messages: Uint8Array<ArrayBuffer>) {
      counted.most = Math.max(counted.most, (waiting += 1));
      return engine.exchange(messages).finally(() => (waiting -= 1));
    },
    get isClosed() {
      return engine.isClosed;
    },
    close: () => engine.close(),
  };
  return counted;
}

describe.each([
  ["in this thread", () => openInThisThread()],
  ["in a thread of its own", () => openInOwnThread(join(directory, "database"))],
])("Prepared statements of PGlite %s", (_, open) => {
  let db: Kysely<Tables>;
  let engine: ReturnType<typeof counting>;
  beforeAll(async () => {
    engine = counting(await open());
    db = new Kysely<Tables>({ dialect: new PreparingPGliteDialect(engine, { 20: BigInt }) });
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

  it("should tell values as they are: wide integers, arrays, objects, bytes, times, nothing", async () => {
    const values = {
      wide: 2n ** 63n - 1n,
      list: [1n, -2n],
      texts: ["a", 'b "c"', null],
      object: { a: [1, { b: null }], c: "žluťoučký 🌳" },
      bytes: new Uint8Array([0, 1, 255]),
      time: new Date("2026-01-02T03:04:05.678Z"),
      isSo: true,
      nothing: null,
      empty: "",
    };
    const { rows } = await sql`select ${values.wide}::int8 as wide, ${values.list}::int8[] as list,
      ${values.texts}::text[] as texts, ${values.object}::jsonb as object, ${values.bytes}::bytea as bytes,
      ${values.time}::timestamptz as time, ${values.isSo}::bool as "isSo", ${null}::text as nothing, ''::text as empty`.execute(
      db,
    );
    expect(rows).toEqual([values]);
  });

  it("should count the rows that were changed, not those that were read or made", async () => {
    const affected = async (query: ReturnType<typeof sql>) => (await query.execute(db)).numAffectedRows;
    expect(await affected(sql`insert into things select g from generate_series(1, 5) g`)).toBe(5n);
    expect(await affected(sql`select * from things`)).toBe(0n);
    expect(await affected(sql`delete from things where id > 2`)).toBe(3n);
    expect(await affected(sql`create temporary table copied as select * from things`)).toBe(0n);
  });

  it("should hand back answers far larger than the engine's buffers", async () => {
    const { rows } = await sql<{
      n: number;
      filling: string;
    }>`select n, repeat('x', n) as filling from generate_series(1, 3000) n`.execute(db);
    expect(rows).toHaveLength(3000);
    expect(rows.every(({ n, filling }) => filling.length === n)).toBe(true);
    const long = "é".repeat(3_000_000);
    expect((await sql<{ long: string }>`select ${long}::text as long`.execute(db)).rows[0]?.long).toBe(long);
  });

  describe("given statements at the same time", () => {
    const read = (id: number) => sql<{ id: number }>`select ${id}::int as id`.execute(db);

    it("should give the engine the next before it has answered the last, and answer each with its own", async () => {
      await read(0);
      engine.most = 0;
      const answers = await Promise.all(Array.from({ length: 20 }, (_, id) => read(id)));
      expect(answers.map(({ rows }) => rows[0]?.id)).toEqual(Array.from({ length: 20 }, (_, id) => id));
      expect(engine.most).toBeGreaterThan(1);
    });

    it("of which one fails, should tell only that one", async () => {
      await insert(1, "one");
      const ends = await Promise.allSettled([insert(2, "two"), insert(1, "again"), insert(3, "three"), all()]);
      expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
      expect(await all()).toHaveLength(3);
    });

    it("and transactions among them, should keep each transaction whole", async () => {
      const twice = (id: number) =>
        db.transaction().execute(async (trx) => {
          await trx.insertInto("things").values({ id, name: "half" }).execute();
          await trx.updateTable("things").set({ name: "whole" }).where("id", "=", id).execute();
          if (id % 3 === 0) throw new Error("rolled back");
        });
      const halves = () => db.selectFrom("things").where("name", "=", "half").selectAll().execute();
      const work = Array.from({ length: 9 }, (_, place) => [twice(place + 1).catch(() => undefined), halves()]);
      const seen = await Promise.all(work.flat());
      expect(seen.filter(Array.isArray).flat()).toEqual([]);
      expect((await all()).map(({ id }) => id)).toEqual([1, 2, 4, 5, 7, 8]);
    });
  });

  describe("given a transaction", () => {
    it("in which nothing is asked, should not trouble the engine", async () => {
      engine.most = 0;
      await db.transaction().execute(async () => undefined);
      await expect(db.transaction().execute(() => Promise.reject(new Error("own")))).rejects.toThrow("own");
      expect(engine.most).toBe(0);
    });

    it("that cannot commit, should leave the next one alone", async () => {
      await sql`alter table things add constraint once unique (name) deferrable initially deferred`.execute(db);
      const add = (...ids: number[]) =>
        db.transaction().execute(async (trx) => {
          for (const id of ids) await trx.insertInto("things").values({ id, name: "same" }).execute();
        });
      const ends = await Promise.allSettled([add(1, 2), add(3), all()]);
      expect(ends.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
      expect(ends[0]).toMatchObject({ reason: { code: "23505" } });
      expect((await all()).map(({ id }) => id)).toEqual([3]);
    });

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
});

describe("Prepared statements of a PGlite that is closed", () => {
  it("should say so", async () => {
    const engine = await openInThisThread();
    const db = new Kysely<Tables>({ dialect: new PreparingPGliteDialect(engine) });
    await sql`select 1`.execute(db);
    await engine.close();
    await expect(sql`select 1`.execute(db)).rejects.toThrow("PGlite is closed");
  });
});
