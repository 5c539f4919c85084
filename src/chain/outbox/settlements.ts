import { sql } from "kysely";

import type { Db, Session } from "../../db/connection.js";
import type { JsonObject } from "../../db/inbox-tables.js";
import { jsonText } from "../../db/json.js";
import { inPipeline } from "../../db/pipeline.js";
import { IS_UNSETTLED } from "../../db/unsettled-trades.js";
import type { SignedOrder } from "../orders.js";
import {
  closeTransactions,
  type Carrying,
  type Fate,
  type LaneStore,
  type QueuedOperation,
  type TransactionFate,
} from "./store.js";

/** A trade on its way to settlement, as an operation of its lane. */
export interface QueuedTrade extends QueuedOperation {
  /** The orders that met, where who offers the trade has them at hand; they are read otherwise. */
  readonly orders?: { readonly taker: SignedOrder; readonly maker: SignedOrder } | undefined;
}

/**
 * The trades that wait for settlement, in the order in which they were made, and what became of them. A trade is its own operation: it is
 * a row of `trades`, and no row of `operations`. It counts as sent as long as a transaction that carries it is signed and open, so that
 * nothing needs to be written to the trade itself before its end.
 */
export interface Settlements extends LaneStore {
  /** These were committed now, after all that were offered before. Whoever cannot offer them loses nothing: they are found, later. */
  offer(trades: readonly QueuedTrade[]): void;
  /** The first that wait. They keep waiting until they are withdrawn. */
  take(limit: number): Promise<readonly QueuedTrade[]>;
  /** They were sent. */
  withdraw(trades: readonly QueuedTrade[]): void;
  /** What waits is to be read anew: a step has failed, or something has come back. */
  forget(): void;
  /** How many wait, as far as they are in memory, and when the first of them was made; null when none does. */
  queue(): Promise<{ readonly length: number; readonly oldest: Date | null }>;
}

const MOST_WAITING = 5_000;
/** How often, in milliseconds, the database is asked for trades that nobody offered. */
const LOOK_EVERY_MS = 1_000;

/** @param most Trades that wait in memory, at most; the others wait in the database. */
export function createSettlements(db: Db, most = MOST_WAITING): Settlements {
  let waiting = new Map<string, QueuedTrade>();
  /** Sent by this process and not at their end: whoever offers one of them comes late. */
  const sent = new Set<string>();
  /** More wait in the database than in here: what is offered comes after them. */
  let isPartial = false;
  let isForgetful = true;
  let lookedAt = Number.NEGATIVE_INFINITY;

  async function load(): Promise<void> {
    waiting = new Map();
    isPartial = false;
    isForgetful = false;
    lookedAt = performance.now();
    const rows = await readWaiting(db, most);
    // What was offered meanwhile was made later, or is among the rows, without its orders.
    const offered = waiting;
    waiting = new Map(rows.map((row) => [row.id, offered.get(row.id) ?? row]));
    isPartial ||= rows.length === most;
    if (!isPartial) for (const [id, trade] of offered) waiting.set(id, trade);
  }

  return {
    offer(trades) {
      isPartial ||= waiting.size + trades.length > most;
      if (isPartial) return;
      for (const trade of trades) if (!sent.has(trade.id)) waiting.set(trade.id, trade);
    },

    async take(limit) {
      const isDue = performance.now() - lookedAt >= LOOK_EVERY_MS;
      if (isForgetful || (waiting.size === 0 && (isPartial || isDue))) {
        // When it fails, the next step tries again.
        isForgetful = true;
        await load();
      }
      return [...waiting.values()].slice(0, limit);
    },

    withdraw(trades) {
      for (const { id } of trades) {
        waiting.delete(id);
        sent.add(id);
      }
    },

    forget: () => void (isForgetful = true),

    async queue() {
      const oldest = await readOldest(db);
      return { length: oldest === null ? 0 : Math.max(1, waiting.size), oldest };
    },

    markSent,

    carriedBy: (hash) => readCarried(db, hash),

    async settle(fates, transactions = []) {
      const ended = await settleTrades(db, fates, transactions);
      for (const { id } of fates) sent.delete(id);
      if (fates.some(({ status }) => status === "accepted")) isForgetful = true;
      return ended;
    },
  };
}

/**
 * What open transactions carry. Few are open: to read all that they carry costs less than to ask for each trade what carries it. `offset`
 * keeps the planner from reading what all transactions ever carried.
 */
const CARRIED = sql`
  select carrier.operation_id from transactions t
  cross join lateral (select operation_id from transaction_operations where tx_hash = t.hash offset 0) carrier
  where t.status = 'signed' and t.lane = 'settlement'`;

interface TradeRow {
  readonly id: string;
  readonly taker: string;
  readonly maker: string;
  readonly tonnes: bigint;
  readonly price: bigint;
  readonly deal: JsonObject | null;
}

const TRADE_COLUMNS = sql`trades.id, taker_hash as taker, maker_hash as maker, tonnes, price, deal`;

async function readWaiting(db: Db, limit: number): Promise<QueuedTrade[]> {
  const { rows } = await sql<TradeRow>`
    select ${TRADE_COLUMNS} from trades
    where ${IS_UNSETTLED} and trades.id not in (${CARRIED})
    order by seq limit ${limit}`.execute(db);
  return rows.map(queuedTrade);
}

/** When the first of those that wait was made; null when none does. */
async function readOldest(db: Db): Promise<Date | null> {
  const { rows } = await sql<{ matched_at: Date }>`
    select matched_at from trades
    where ${IS_UNSETTLED} and trades.id not in (${CARRIED}) order by seq limit 1`.execute(db);
  return rows[0]?.matched_at ?? null;
}

/** In the order of its calls. */
async function readCarried(db: Db, hash: string): Promise<QueuedTrade[]> {
  const { rows } = await sql<TradeRow>`
    select ${TRADE_COLUMNS} from transaction_operations carried join trades on trades.id = carried.operation_id
    where carried.tx_hash = ${hash} order by carried.position`.execute(db);
  return rows.map(queuedTrade);
}

/** As the settlement lane knows a trade: by the digests of its orders, or with the whole deal. */
export function queuedTrade({
  id,
  taker,
  maker,
  tonnes,
  price,
  deal,
}: Omit<TradeRow, "deal"> & { deal: object | null }) {
  const payload =
    deal === null
      ? { taker, maker, tonnes: tonnes.toString(), price: price.toString() }
      : { hash: taker, deal: deal as JsonObject };
  return { id, kind: "settlement", intentHash: null, payload };
}

/** @returns how many of them waited, after these transactions were written down */
async function markSent(session: Session, carrying: readonly Carrying[]): Promise<number> {
  const ids = carrying.flatMap(({ operationIds }) => operationIds);
  const hashes = carrying.flatMap(({ transaction, operationIds }) => operationIds.map(() => transaction.hash));
  const own = carrying.map(({ transaction }) => transaction.hash);
  const { rows } = await sql<{ marked: number }>`
    with marked as (
      select seq, carried.tx
      from unnest(string_to_array(${ids.join(",")}, ','), string_to_array(${hashes.join(",")}, ',')) as carried(id, tx)
      join trades using (id)
      where trades.status = 'matched'
        and carried.id not in (${CARRIED} and t.hash <> all (string_to_array(${own.join(",")}, ',')))),
    logged as (
      insert into operation_log (status, tx_hash, operations)
      select 'sent', tx, array_agg(seq order by seq) from marked group by tx order by min(seq))
    select count(distinct seq)::int4 as marked from marked`.execute(session);
  return rows[0]?.marked ?? 0;
}

/** All or nothing. A trade that has come to its end keeps it. @returns Those that came to their end now. */
async function settleTrades(db: Db, fates: readonly Fate[], transactions: readonly TransactionFate[]): Promise<Fate[]> {
  // What goes back to the queue is in no open transaction any more: nothing else makes it wait.
  const ends = fates.filter(({ status }) => status !== "accepted");
  const [settled, failed] = await inPipeline(db, async (session) =>
    Promise.all([
      writeSettled(session, ends.filter(isFinal)),
      writeFailed(
        session,
        ends.filter(({ status }) => status === "rejected"),
      ),
      closeTransactions(session, transactions),
    ]),
  );
  const changed = new Set([...settled, ...failed]);
  return ends.filter(({ id }) => changed.has(id));
}

type FinalFate = Extract<Fate, { status: "final" }>;

function isFinal(fate: Fate): fate is FinalFate {
  return fate.status === "final";
}

/** @returns the ids of those that had no end yet */
async function writeSettled(session: Session, fates: readonly FinalFate[]): Promise<string[]> {
  if (fates.length === 0) return [];
  const listed = (textOf: (fate: FinalFate) => string) => sql`string_to_array(${fates.map(textOf).join(",")}, ',')`;
  const feeOf = (name: "buyerFee" | "sellerFee") => (fate: FinalFate) => {
    return String((fate.result as Readonly<Record<string, unknown>>)[name]);
  };
  const { rows } = await sql<{ ids: string | null }>`
    with changed as (
      update trades set status = 'settled', tx_hash = fate.tx_hash, block_number = fate.block_number, ended_at = now(),
        buyer_fee = fate.buyer_fee, seller_fee = fate.seller_fee
      from unnest(${listed(({ id }) => id)}, ${listed(({ txHash }) => String(txHash))},
        ${listed(({ blockNumber }) => String(blockNumber))}::int8[], ${listed(feeOf("buyerFee"))}::numeric[],
        ${listed(feeOf("sellerFee"))}::numeric[]) as fate(id, tx_hash, block_number, buyer_fee, seller_fee)
      where trades.id = fate.id and trades.status = 'matched'
      returning trades.id, trades.seq, trades.tx_hash),
    closed as (delete from unsettled_trades using changed where unsettled_trades.seq = changed.seq),
    logged as (
      insert into operation_log (status, tx_hash, operations)
      select 'final', tx_hash, array_agg(seq order by seq) from changed group by tx_hash order by min(seq))
    select string_agg(id, ',') as ids from changed`.execute(session);
  return rows[0]?.ids?.split(",") ?? [];
}

/** @returns the ids of those that had no end yet */
async function writeFailed(session: Session, fates: readonly Fate[]): Promise<string[]> {
  if (fates.length === 0) return [];
  const failures = fates.map((fate) => ({
    id: fate.id,
    tx_hash: fate.txHash,
    block_number: fate.blockNumber?.toString() ?? null,
    problem: fate.status === "rejected" ? fate.problem : null,
  }));
  const { rows } = await sql<{ id: string }>`
    with changed as (
      update trades set status = 'failed', tx_hash = fate.tx_hash, block_number = fate.block_number, ended_at = now(),
        problem = fate.problem
      from json_to_recordset(${jsonText(failures)}::text::json)
        as fate(id text, tx_hash text, block_number int8, problem jsonb)
      where trades.id = fate.id and trades.status = 'matched'
      returning trades.id, trades.seq, trades.tx_hash),
    closed as (delete from unsettled_trades using changed where unsettled_trades.seq = changed.seq),
    logged as (
      insert into operation_log (status, tx_hash, operations)
      select 'rejected', tx_hash, array_agg(seq order by seq) from changed group by tx_hash order by min(seq))
    select id from changed`.execute(session);
  return rows.map(({ id }) => id);
}
