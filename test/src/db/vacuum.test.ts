import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openDatabase, type OpenDatabase } from "../../../src/db/connection.js";
import { vacuumWorn } from "../../../src/db/vacuum.js";

describe("The old versions of rows", () => {
  let dataDir: string;
  let database: OpenDatabase;
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "ledger-vacuum-"));
    database = await openDatabase({ dataDir });
    await sql`create table queue (id int primary key, status text not null)`.execute(database.db);
    await sql`create index queue_open on queue (id) where status = 'open'`.execute(database.db);
    await sql`insert into queue select n, 'open' from generate_series(1, 2000) n`.execute(database.db);
  });
  afterEach(async () => {
    await database.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const change = (below: number) =>
    sql`update queue set status = upper(status) where id <= ${below}`.execute(database.db);
  const size = async (): Promise<bigint> => {
    const { rows } = await sql<{ size: bigint }>`select pg_relation_size('queue') as size`.execute(database.db);
    return rows[0]?.size ?? 0n;
  };

  it("given many, it should make room of them for the next, and lose no row", async () => {
    const began = await size();
    for (let round = 0; round < 10; round++) {
      await change(2_000);
      await vacuumWorn(database.db);
    }

    expect(await size()).toBeLessThanOrEqual(began * 3n);
    const { rows } = await sql`select count(*)::int4 as rows, min(status) as status from queue`.execute(database.db);
    expect(rows).toEqual([{ rows: 2_000, status: "OPEN" }]);
  });

  it("given few, it should leave them alone", async () => {
    await change(900);
    await vacuumWorn(database.db);

    const { rows } = await sql<{ dead: bigint }>`select pg_stat_get_dead_tuples('queue'::regclass) as dead`.execute(
      database.db,
    );
    expect(rows).toEqual([{ dead: 900n }]);
  });
});
