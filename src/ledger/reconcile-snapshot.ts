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
  "cash_balances",
  "instruments",
  "exchange_positions",
  "order_floors",
] as const satisfies readonly TableName[];

/** Tables that only grow, in the order in which they do. */
const LATEST_TABLES = {
  cash_deposits: "block_number",
  redemptions: "id",
  cancelled_orders: "block_number",
  closed_deals: "block_number",
} as const satisfies Partial<Record<TableName, string>>;

type LatestTable = keyof typeof LATEST_TABLES;
type WholeTable = (typeof WHOLE_TABLES)[number];

/** The read model at one block. */
export interface Snapshot {
  readonly blockNumber: bigint;
  readonly tables: { readonly [T in WholeTable]: readonly Row<T>[] };
  readonly latest: { readonly [T in LatestTable]: readonly Row<T>[] };
  /** The latest, deals among them. */
  readonly trades: readonly { readonly taker_hash: string; readonly maker_hash: string; readonly tonnes: bigint }[];
  /** There are others before them. */
  readonly hasEarlierTrades: boolean;
  readonly redemptionCount: bigint;
  /** Of the snapshot's block, Unix time. */
  readonly timestamp: bigint;
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
      const latest: Partial<Record<LatestTable, unknown>> = {};
      for (const [table, order] of Object.entries(LATEST_TABLES) as [LatestTable, "block_number"][]) {
        latest[table] = await trx.selectFrom(table).selectAll().orderBy(order, "desc").limit(LATEST_RECORDS).execute();
      }
      const trades = await latestTrades(trx);
      return {
        blockNumber: cursor.block_number,
        timestamp: await timestampOf(trx, cursor.block_number),
        tables: tables as Snapshot["tables"],
        latest: latest as Snapshot["latest"],
        trades,
        hasEarlierTrades: trades.length === LATEST_RECORDS,
        redemptionCount: await countOf(trx, "redemptions"),
        retirementCount: await countOf(trx, "retirements"),
        cancellationCount: await countOf(trx, "cancellations"),
        retirements: await latestOf(trx, "retirements"),
        cancellations: await latestOf(trx, "cancellations"),
      };
    });
}

async function timestampOf(trx: Db, block: bigint): Promise<bigint> {
  const row = trx.selectFrom("blocks").select("timestamp").where("number", "=", block);
  return (await row.executeTakeFirstOrThrow()).timestamp;
}

async function latestTrades(trx: Db) {
  return await trx
    .selectFrom("settled_trades")
    .select(["taker_hash", "maker_hash", "tonnes"])
    .orderBy("block_number", "desc")
    .orderBy("log_index", "desc")
    .limit(LATEST_RECORDS)
    .execute();
}

async function countOf(trx: Db, table: "retirements" | "cancellations" | "redemptions"): Promise<bigint> {
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
