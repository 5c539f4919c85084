import type { Db } from "../db/connection.js";
import type { Row, TableName } from "./row-cache.js";

/** Records never change, so that only the latest are compared one by one; how many there are is always compared. */
const LATEST_RECORDS = 1_000;

const WHOLE_TABLES = [
  "participants",
  "accounts",
  "projects",
  "statements",
  "issuances",
  "batches",
  "holdings",
  "serial_blocks",
  "ledger_state",
] as const satisfies readonly TableName[];

type WholeTable = (typeof WHOLE_TABLES)[number];

/** The read model at one block. */
export interface Snapshot {
  readonly blockNumber: bigint;
  readonly tables: { readonly [T in WholeTable]: readonly Row<T>[] };
  readonly retirementCount: bigint;
  readonly cancellationCount: bigint;
  /** The latest. */
  readonly retirements: readonly { readonly id: bigint; readonly record_hash: string }[];
  readonly cancellations: readonly { readonly id: bigint; readonly record_hash: string }[];
}

/** Null when nothing has been read from the chain yet. */
export async function readSnapshot(db: Db): Promise<Snapshot | null> {
  return await db
    .transaction()
    .setIsolationLevel("repeatable read")
    .execute(async (trx) => {
      const cursor = await trx.selectFrom("cursor").select("block_number").executeTakeFirst();
      if (cursor === undefined) return null;
      const tables: Partial<Record<WholeTable, unknown>> = {};
      for (const table of WHOLE_TABLES) tables[table] = await trx.selectFrom(table).selectAll().execute();
      return {
        blockNumber: cursor.block_number,
        tables: tables as Snapshot["tables"],
        retirementCount: await countOf(trx, "retirements"),
        cancellationCount: await countOf(trx, "cancellations"),
        retirements: await latestOf(trx, "retirements"),
        cancellations: await latestOf(trx, "cancellations"),
      };
    });
}

async function countOf(trx: Db, table: "retirements" | "cancellations"): Promise<bigint> {
  const { count } = await trx
    .selectFrom(table)
    .select((x) => x.fn.countAll<bigint>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

async function latestOf(trx: Db, table: "retirements" | "cancellations") {
  return await trx
    .selectFrom(table)
    .select(["id", "record_hash"])
    .orderBy("id", "desc")
    .limit(LATEST_RECORDS)
    .execute();
}
