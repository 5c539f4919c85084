import { sql } from "kysely";

import type { UnitMovementKind } from "../../db/audit-read-model-tables.js";
import type { Db } from "../../db/connection.js";
import { FoldError, type Row } from "../row-cache.js";
import { positionKeys } from "./as-of.js";
import { firstBlockFrom, lastBlockUpTo } from "./history-query.js";
import { readPage, type Page } from "./page.js";

export interface UnitStatementRequest {
  readonly account: string;
  readonly batch?: string | undefined;
  /** Unix seconds, inclusive. */
  readonly from: bigint;
  readonly to: bigint;
  /** Of the lines. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A movement, or a freeze. Deposits to the exchange and withdrawals are transfers with its address. */
export interface UnitLine {
  /** `<block>-<log index>` */
  readonly id: string;
  readonly batch: string;
  readonly kind: UnitMovementKind;
  /** Negative when units went. */
  readonly tonnes: bigint;
  /** Of the batch, after it. */
  readonly balance: bigint;
  readonly frozenTonnes: bigint;
  readonly counterparty: string | null;
  /** The retirement or the cancellation. */
  readonly recordId: bigint | null;
  readonly timestamp: bigint;
  readonly txHash: string;
  readonly blockNumber: bigint;
  readonly logIndex: number;
}

/** Opening, plus in, less out, is closing. */
export interface UnitStatementBatch {
  readonly batch: string;
  readonly opening: bigint;
  readonly in: bigint;
  readonly out: bigint;
  readonly closing: bigint;
  /** What the exchange owed the account besides. */
  readonly position: { readonly opening: bigint; readonly closing: bigint };
}

/** From the beginning of `fromBlock` to the end of `toBlock`; no block when `toBlock` is less. */
export interface UnitStatement {
  readonly fromBlock: bigint;
  readonly toBlock: bigint;
  readonly batches: readonly UnitStatementBatch[];
  /** In chain order. */
  readonly lines: Page<UnitLine>;
}

/** A line of a statement that is written down as a whole: a movement, or the balance of a batch before all of them or after. */
export interface UnitEntry {
  readonly batch: string;
  readonly kind: UnitMovementKind | "opening" | "closing";
  /** Null for a balance. */
  readonly tonnes: bigint | null;
  readonly balance: bigint;
  /** What the exchange owed besides; null for a movement. */
  readonly positionTonnes: bigint | null;
  readonly frozenTonnes: bigint | null;
  readonly counterparty: string | null;
  readonly recordId: bigint | null;
  readonly timestamp: bigint | null;
  readonly blockNumber: bigint | null;
  readonly logIndex: number | null;
  readonly txHash: string | null;
}

/**
 * What an account had of each batch, and what changed it, between two instants.
 * @throws FoldError when the movements do not add up: the read model is wrong.
 */
export async function unitStatement(db: Db, request: UnitStatementRequest): Promise<UnitStatement> {
  return await inOneMoment(db, async (trx) => {
    const { fromBlock, toBlock } = await spanOf(trx, request);
    const batches = await sumBatches(trx, request, fromBlock, toBlock);
    const lines = await listLines(trx, request, fromBlock, toBlock);
    return { fromBlock, toBlock, batches, lines };
  });
}

/**
 * The whole statement in parts, each read when the one before was taken: every opening, the movements in chain order, every closing.
 * @returns the last block it knows of, and the parts. @throws FoldError
 */
export async function scanUnitStatement(
  db: Db,
  request: Omit<UnitStatementRequest, "limit" | "cursor">,
  rowsAtOnce: number,
): Promise<{ readonly toBlock: bigint; readonly pages: AsyncGenerator<readonly UnitEntry[]> }> {
  const { fromBlock, toBlock, batches } = await inOneMoment(db, async (trx) => {
    const span = await spanOf(trx, request);
    return { ...span, batches: await sumBatches(trx, request, span.fromBlock, span.toBlock) };
  });
  const pages = (async function* () {
    yield batches.map(({ batch, opening, position }) => balanceEntry("opening", batch, opening, position.opening));
    let cursor: string | undefined;
    do {
      const { items, next }: Page<UnitLine> = await listLines(
        db,
        { ...request, limit: rowsAtOnce, cursor },
        fromBlock,
        toBlock,
      );
      yield items.map((line) => ({ ...line, positionTonnes: null }));
      cursor = next ?? undefined;
    } while (cursor !== undefined);
    yield batches.map(({ batch, closing, position }) => balanceEntry("closing", batch, closing, position.closing));
  })();
  return { toBlock, pages };
}

function balanceEntry(kind: "opening" | "closing", batch: string, balance: bigint, positionTonnes: bigint): UnitEntry {
  const nothing = { tonnes: null, frozenTonnes: null, counterparty: null, recordId: null };
  return { batch, kind, balance, positionTonnes, ...nothing, ...NOWHERE };
}

const NOWHERE = { timestamp: null, blockNumber: null, logIndex: null, txHash: null } as const;

function inOneMoment<T>(db: Db, read: (trx: Db) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel("repeatable read").execute(read);
}

/** With no block between the instants, the end is right before the beginning. */
async function spanOf(
  db: Db,
  { from, to }: Pick<UnitStatementRequest, "from" | "to">,
): Promise<{ fromBlock: bigint; toBlock: bigint }> {
  const first = await firstBlockFrom(db, from);
  const last = await lastBlockUpTo(db, to);
  if (first !== null) return { fromBlock: first, toBlock: last ?? first - 1n };
  const head = last ?? -1n;
  return { fromBlock: head + 1n, toBlock: head };
}

interface SumRow {
  readonly batch: string;
  readonly opening: bigint;
  readonly taken: bigint;
  readonly given: bigint;
  readonly closing: bigint;
  readonly position_opening: bigint;
  readonly position_closing: bigint;
  /** A freeze moves nothing, and is a line. */
  readonly lines: bigint;
}

async function sumBatches(
  db: Db,
  { account, batch }: Pick<UnitStatementRequest, "account" | "batch">,
  fromBlock: bigint,
  toBlock: bigint,
): Promise<UnitStatementBatch[]> {
  const wanted = batch === undefined ? sql`true` : sql`k.batch_code = ${batch}`;
  const balanceAt = (block: bigint) => sql`coalesce((select balance from unit_movements where account = ${account}
    and batch_code = k.batch_code and block_number <= ${block} order by block_number desc, log_index desc limit 1), 0)`;
  const positionAt = (
    block: bigint,
  ) => sql`coalesce((select case when gone then 0 else amount end from position_versions
    where account = ${account} and batch_code = k.batch_code and block_number <= ${block} order by block_number desc limit 1), 0)`;
  const result = await sql<SumRow>`
    select k.batch_code as batch, ${balanceAt(fromBlock - 1n)} as opening, m.taken, m.given, ${balanceAt(toBlock)} as closing, m.lines,
      ${positionAt(fromBlock - 1n)} as position_opening, ${positionAt(toBlock)} as position_closing
    from (select batch_code from holding_keys where account = ${account}
      union select batch_code from (${positionKeys(account)}) p where batch_code <> '') k
    cross join lateral (select coalesce(sum(tonnes) filter (where tonnes > 0), 0) as taken,
        coalesce(- sum(tonnes) filter (where tonnes < 0), 0) as given, count(*) as lines
      from unit_movements where account = ${account} and batch_code = k.batch_code
        and block_number between ${fromBlock} and ${toBlock}) m
    where ${wanted} order by k.batch_code`.execute(db);
  return result.rows.filter(hasAnything).map((row) => sumView(account, row));
}

function hasAnything({ batch: _, ...amounts }: SumRow): boolean {
  return Object.values(amounts).some((amount) => amount !== 0n);
}

function sumView(account: string, row: SumRow): UnitStatementBatch {
  const { batch, opening, taken, given, closing } = row;
  if (opening + taken - given !== closing) {
    throw new FoldError(`${opening} + ${taken} - ${given} tonnes of ${batch} of ${account} are not ${closing}`);
  }
  const position = { opening: row.position_opening, closing: row.position_closing };
  return { batch, opening, in: taken, out: given, closing, position };
}

async function listLines(
  db: Db,
  { account, batch, limit, cursor }: UnitStatementRequest,
  fromBlock: bigint,
  toBlock: bigint,
): Promise<Page<UnitLine>> {
  const query = db
    .selectFrom("unit_movements")
    .selectAll()
    .where("account", "=", account)
    .where("block_number", ">=", fromBlock)
    .where("block_number", "<=", toBlock)
    .$if(batch !== undefined, (q) => q.where("batch_code", "=", batch ?? ""));
  const keys = [
    { column: "block_number", kind: "int8" },
    { column: "log_index", kind: "int4" },
    { column: "batch_code", kind: "text" },
  ] as const;
  return await readPage(query, keys, "asc", { limit, cursor }, lineView);
}

function lineView(row: Row<"unit_movements">): UnitLine {
  return {
    id: `${row.block_number}-${row.log_index}`,
    batch: row.batch_code,
    kind: row.kind,
    tonnes: row.tonnes,
    balance: row.balance,
    frozenTonnes: row.frozen,
    counterparty: row.counterparty,
    recordId: row.record_id,
    timestamp: row.timestamp,
    txHash: row.tx_hash,
    blockNumber: row.block_number,
    logIndex: row.log_index,
  };
}
