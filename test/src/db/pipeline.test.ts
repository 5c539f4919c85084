import { sql } from "kysely";
import { afterEach, beforeEach, expect, it } from "vitest";

import type { Session } from "../../../src/db/connection.js";
import { copyRows } from "../../../src/db/copy.js";
import { inPipeline, pipelined } from "../../../src/db/pipeline.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";

describeEachDatabase("pipelines", (open) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await open();
    await sql`create table marks (place serial, text text primary key)`.execute(database.db);
  });
  afterEach(() => database.close());

  /** Of a text that no other statement has: it has to be prepared, and others are asked for meanwhile. */
  const markAnew = (session: Session, text: string) =>
    sql`insert into marks (text) values (${text}) -- ${sql.raw(text)}`.execute(session);
  const mark = (session: Session, text: string) => sql`insert into marks (text) values (${text})`.execute(session);
  const marks = async () => {
    const { rows } = await sql<{ text: string }>`select text from marks order by place`.execute(database.db);
    return rows.map(({ text }) => text);
  };

  it("should run statements in the order in which they are begun, and give each its own answer", async () => {
    await mark(database.db, "before");
    const answers = await inPipeline(database.db, async (session) =>
      Promise.all([
        markAnew(session, "a"),
        mark(session, "b"),
        copyRows(session, "meta", [{ key: "k", value: "v" }]),
        sql<{ count: bigint }>`select count(*) from marks`.execute(session),
        markAnew(session, "c"),
        mark(session, "d"),
        sql<{ value: string }>`select value from meta where key = 'k'`.execute(session),
      ]),
    );
    expect(answers[0].numAffectedRows).toBe(1n);
    expect(answers[3].rows).toEqual([{ count: 3n }]);
    expect(answers[6].rows).toEqual([{ value: "v" }]);
    expect(await marks()).toEqual(["before", "a", "b", "c", "d"]);
  });

  it("should wait for what was begun and not waited for", async () => {
    await inPipeline(database.db, async (session) => {
      void mark(session, "a");
      void markAnew(session, "b");
    });
    expect(await marks()).toEqual(["a", "b"]);
  });

  it("given a statement that fails, it should say why, do nothing, and leave a session that works", async () => {
    await mark(database.db, "there");
    const work = inPipeline(database.db, async (session) => {
      void mark(session, "a");
      // The last one's error only says that the transaction is lost.
      await Promise.all([mark(session, "there"), copyRows(session, "meta", [{ key: "k", value: "v" }])]);
    });
    await expect(work).rejects.toMatchObject({ code: "23505" });
    expect(await marks()).toEqual(["there"]);
    await inPipeline(database.db, (session) => mark(session, "after"));
    expect(await marks()).toEqual(["there", "after"]);
  });

  it("given work that fails, it should do nothing of it", async () => {
    const work = inPipeline(database.db, async (session) => {
      void mark(session, "a");
      throw new Error("changed its mind");
    });
    await expect(work).rejects.toThrow("changed its mind");
    expect(await marks()).toEqual([]);
  });

  it("should begin nothing once it is over, although its transaction is not", async () => {
    await database.db.transaction().execute(async (trx) => {
      const session = await pipelined(trx, async (inner) => {
        await mark(inner, "a");
        return inner;
      });
      await expect(mark(session, "late")).rejects.toThrow("The pipeline is over");
    });
    expect(await marks()).toEqual(["a"]);
  });

  it("should be a part of its transaction", async () => {
    await database.db.transaction().execute(async (trx) => {
      await mark(trx, "first");
      await pipelined(trx, async (session) => Promise.all([mark(session, "a"), mark(session, "b")]));
      await mark(trx, "last");
    });
    expect(await marks()).toEqual(["first", "a", "b", "last"]);

    const undone = database.db.transaction().execute(async (trx) => {
      await pipelined(trx, (session) => mark(session, "c"));
      throw new Error("undone");
    });
    await expect(undone).rejects.toThrow("undone");
    expect(await marks()).toHaveLength(4);
  });
});
