import { sql } from "kysely";

import type { EventName, IntentKind, Json, LedgerContractName } from "../../chain/event-types.js";
import type { Db } from "../../db/connection.js";
import type { Row } from "../row-cache.js";
import { readPage, type Page, type PageRequest } from "./page.js";

/** An event as it was read from the chain. */
export interface EventView {
  readonly contract: LedgerContractName;
  readonly name: EventName;
  readonly args: Readonly<Record<string, Json>>;
  readonly txHash: string;
  readonly blockNumber: bigint;
  readonly logIndex: number;
}

/** A block of the read model. `timestamp` is Unix time in seconds. */
export interface BlockView {
  readonly number: bigint;
  readonly hash: string;
  readonly parentHash: string;
  readonly timestamp: bigint;
}

/** A transaction that touched the ledger: its block and its events. */
export interface TransactionView {
  readonly txHash: string;
  readonly block: BlockView;
  readonly events: readonly EventView[];
}

/** An executed intent. */
export interface IntentView {
  readonly hash: string;
  readonly account: string;
  readonly nonce: string;
  readonly kind: IntentKind;
  readonly txHash: string;
  readonly blockNumber: bigint;
  readonly logIndex: number;
}

export interface EventFilter {
  readonly contract?: LedgerContractName | undefined;
  readonly name?: EventName | undefined;
  readonly fromBlock?: bigint | undefined;
  readonly toBlock?: bigint | undefined;
  readonly txHash?: string | undefined;
}

/** Events in chain order. */
export async function listEvents(db: Db, filter: EventFilter, page: PageRequest): Promise<Page<EventView>> {
  const { contract, name, fromBlock, toBlock, txHash } = filter;
  const query = db
    .selectFrom("events")
    .selectAll()
    .$if(contract !== undefined, (q) => q.where("contract", "=", contract ?? "Units"))
    .$if(name !== undefined, (q) => q.where("name", "=", name ?? "BlocksMoved"))
    .$if(fromBlock !== undefined, (q) => q.where("block_number", ">=", fromBlock ?? 0n))
    .$if(toBlock !== undefined, (q) => q.where("block_number", "<=", toBlock ?? 0n))
    .$if(txHash !== undefined, (q) => q.where("tx_hash", "=", txHash ?? ""));
  const keys = [
    { column: "block_number", kind: "int8" },
    { column: "log_index", kind: "int4" },
  ] as const;
  return await readPage(query, keys, "asc", page, eventView);
}

/** Null when the transaction left no event of the ledger. */
export async function findTransaction(db: Db, txHash: string): Promise<TransactionView | null> {
  const rows = await db.selectFrom("events").selectAll().where("tx_hash", "=", txHash).orderBy("log_index").execute();
  const [first] = rows;
  if (first === undefined) return null;
  const block = await findBlock(db, first.block_number);
  return block === null ? null : { txHash, block, events: rows.map(eventView) };
}

/** What was ever announced to the access manager under this name; null when nothing was. The name is a hash of all the rest. */
export async function findScheduledCall(
  db: Db,
  operationId: string,
): Promise<{ readonly caller: string; readonly to: string; readonly data: string } | null> {
  const arg = (name: string) => sql<string>`args ->> ${name}::text`;
  const row = await db
    .selectFrom("events")
    .select([arg("caller").as("caller"), arg("target").as("to"), arg("data").as("data")])
    .where("name", "=", "OperationScheduled")
    .where(arg("operationId"), "=", operationId)
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** Null when the block is not, or not yet, in the read model. */
export async function findBlock(db: Db, number: bigint): Promise<BlockView | null> {
  const row = await db.selectFrom("blocks").selectAll().where("number", "=", number).executeTakeFirst();
  if (row === undefined) return null;
  return { number: row.number, hash: row.hash, parentHash: row.parent_hash, timestamp: row.timestamp };
}

/** Null when the intent was not executed. */
export async function findIntent(db: Db, hash: string): Promise<IntentView | null> {
  const row = await db.selectFrom("intents").selectAll().where("hash", "=", hash).executeTakeFirst();
  if (row === undefined) return null;
  return {
    hash: row.hash,
    account: row.account,
    nonce: row.nonce,
    kind: row.kind,
    txHash: row.tx_hash,
    blockNumber: row.block_number,
    logIndex: row.log_index,
  };
}

function eventView(row: Row<"events">): EventView {
  return {
    contract: row.contract,
    name: row.name,
    args: row.args,
    txHash: row.tx_hash,
    blockNumber: row.block_number,
    logIndex: row.log_index,
  };
}
