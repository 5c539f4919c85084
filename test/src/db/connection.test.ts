import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { bindDatabase, ForeignDatabaseError } from "../../../src/db/bind.js";
import { isDatabaseUnavailable, openDatabase } from "../../../src/db/connection.js";
import { jsonText } from "../../../src/db/json.js";
import { migrateDatabase } from "../../../src/db/migrate.js";
import { ProcessLockedError } from "../../../src/process-lock.js";
import { describeEachDatabase } from "../../support/database.js";

const identity = { chainId: 31337n, genesisHash: `0x${"ab".repeat(32)}`, registry: `0x${"01".repeat(20)}` };

describeEachDatabase("openDatabase", (open) => {
  it("should answer a ping", async () => {
    const database = await open();
    await expect(database.ping()).resolves.toBeUndefined();
    await database.close();
  });

  it("should hand integers of 8 bytes back as bigint, exact beyond 2^53", async () => {
    const database = await open();
    const { rows } = await sql<{
      big: bigint;
      small: bigint;
    }>`select ${2n ** 63n - 1n}::int8 as big, 1::int8 as small`.execute(database.db);
    expect(rows[0]).toEqual({ big: 2n ** 63n - 1n, small: 1n });
    await database.close();
  });

  it("should keep objects, arrays and text in jsonb as they are", async () => {
    const database = await open();
    for (const value of [{ a: [1, { b: null }] }, [1, 2], "text", [], {}]) {
      const { rows } = await sql<{ value: unknown }>`select ${jsonText(value)}::jsonb as value`.execute(database.db);
      expect(rows[0]?.value).toEqual(value);
    }
    await database.close();
  });

  it("should keep concurrent transactions apart", async () => {
    const database = await open();
    const count = (key: string) =>
      database.db.transaction().execute(async (trx) => {
        await trx.insertInto("meta").values({ key, value: "1" }).execute();
        if (key === "k3") throw new Error("rolled back");
        return key;
      });
    const results = await Promise.allSettled(["k1", "k2", "k3", "k4"].map(count));
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    const rows = await database.db.selectFrom("meta").select("key").orderBy("key").execute();
    expect(rows.map((row) => row.key)).toEqual(["k1", "k2", "k4"]);
    await database.close();
  });

  it("should find nothing to do when migrated twice", async () => {
    const database = await open();
    await expect(migrateDatabase(database.db)).resolves.toEqual([]);
    await database.close();
  });
});

describeEachDatabase("bindDatabase", (open) => {
  it("given an empty database, it should bind it, and accept the same ledger again", async () => {
    const database = await open();
    await bindDatabase(database.db, identity);
    await bindDatabase(database.db, identity);
    await database.close();
  });

  it.each([
    ["chain id", { ...identity, chainId: 1n }],
    ["genesis hash", { ...identity, genesisHash: `0x${"cd".repeat(32)}` }],
    ["registry", { ...identity, registry: `0x${"02".repeat(20)}` }],
  ])("given a database of another %s, it should refuse and say so", async (what, other) => {
    const database = await open();
    await bindDatabase(database.db, identity);
    await expect(bindDatabase(database.db, other)).rejects.toThrow(ForeignDatabaseError);
    await expect(bindDatabase(database.db, other)).rejects.toThrow(what);
    await expect(bindDatabase(database.db, identity)).resolves.toBeUndefined();
    await database.close();
  });
});

describe("openDatabase in a directory", () => {
  it("should refuse a second opener while the first lives, and keep the rows for the next", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "ledger-db-"));
    const first = await openDatabase({ dataDir });
    await migrateDatabase(first.db);
    await first.db.insertInto("meta").values({ key: "kept", value: "yes" }).execute();
    await expect(openDatabase({ dataDir })).rejects.toThrow(ProcessLockedError);
    await first.close();

    const second = await openDatabase({ dataDir });
    const row = await second.db.selectFrom("meta").selectAll().executeTakeFirst();
    expect(row).toEqual({ key: "kept", value: "yes" });
    await second.close();
    rmSync(dataDir, { recursive: true });
  });
});

describe("isDatabaseUnavailable", () => {
  it("given a server that refuses connections, it should say yes", async () => {
    const database = await openDatabase({ url: "postgres://nobody@127.0.0.1:1/nothing" });
    const error: unknown = await database.ping().catch((reason: unknown) => reason);
    expect(isDatabaseUnavailable(error)).toBe(true);
    await database.close();
  });

  it("given a closed database, it should say yes", async () => {
    const database = await openDatabase({});
    await database.ping();
    await database.close();
    const error: unknown = await database.ping().catch((reason: unknown) => reason);
    expect(isDatabaseUnavailable(error)).toBe(true);
  });

  it("given a wrong query, it should say no", async () => {
    const database = await openDatabase({});
    const error: unknown = await sql`select nonsense`.execute(database.db).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(isDatabaseUnavailable(error)).toBe(false);
    await database.close();
  });
});
