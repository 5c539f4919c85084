import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { searchPage, type SearchedList } from "../../../src/ledger/read/word-search.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";

const ROWS = 20_000;
/** Which rows have a word: everywhere, here and there, almost nowhere, at one end only. */
const WORDS: Readonly<Record<string, (id: number) => boolean>> = {
  all: () => true,
  often: (id) => id % 100 === 0,
  seldom: (id) => id % 4_000 === 5,
  once: (id) => id === 10_001,
  old: (id) => id <= 600,
  new: (id) => id > ROWS - 600,
  nowhere: () => false,
};

describeEachDatabase("the search for words in a list", (open) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await open();
    const { db } = database;
    await sql`create table things (id int8 primary key, search tsvector not null)`.execute(db);
    await sql`insert into things select i, ('all' || case when i % 100 = 0 then ' often' else '' end
      || case when i % 4000 = 5 then ' seldom' else '' end || case when i = 10001 then ' once' else '' end
      || case when i <= 600 then ' old' else '' end || case when i > ${ROWS}::int - 600 then ' new' else '' end)::tsvector
      from generate_series(1, ${ROWS}::int) i`.execute(db);
    await sql`create index things_search on things using gin (search)`.execute(db);
    await sql`analyze things`.execute(db);
  });

  afterAll(async () => {
    await database.close();
  });

  function listOf(word: string, direction: "asc" | "desc"): SearchedList<number> {
    return {
      rows: sql`select h.* from things h`,
      words: sql<boolean>`h.search @@ ${sql.lit(word)}::tsquery`,
      keys: [{ column: "r.id", kind: "int8" }],
      direction,
      view: ({ id }) => Number(id),
    };
  }

  describe.each(Object.entries(WORDS))("given a word that is there: %s", (word, has) => {
    it.each(["asc", "desc"] as const)("should find every row that has it, once, in order (%s)", async (direction) => {
      const expected = Array.from({ length: ROWS }, (_, i) => i + 1).filter(has);
      if (direction === "desc") expected.reverse();
      const found: number[] = [];
      let cursor: string | undefined;
      // The whole of a word that is everywhere would only take time.
      for (let pages = 0; pages < 5; pages += 1) {
        const page = await searchPage(database.db, listOf(word, direction), { limit: 190, cursor });
        found.push(...page.items);
        cursor = page.next ?? undefined;
        if (cursor === undefined) break;
      }
      expect(found).toEqual(expected.slice(0, cursor === undefined ? undefined : found.length));
    });
  });

  it("should end with the list, not with what was looked through", async () => {
    const last = await searchPage(database.db, listOf("all", "desc"), {
      limit: 50,
      cursor: Buffer.from(JSON.stringify(["11"])).toString("base64url"),
    });
    expect(last).toEqual({ items: [10, 9, 8, 7, 6, 5, 4, 3, 2, 1], next: null });
  });
});
