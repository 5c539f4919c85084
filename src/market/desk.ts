import { sql, type Transaction } from "kysely";

import { queuedTrade, type QueuedTrade } from "../chain/outbox/settlements.js";
import type { Fate } from "../chain/outbox/store.js";
import type { Db, Session } from "../db/connection.js";
import { copyRows } from "../db/copy.js";
import type { JsonObject } from "../db/inbox-tables.js";
import { jsonText } from "../db/json.js";
import { pipelined } from "../db/pipeline.js";
import type { Database } from "../db/schema.js";
import { IS_UNSETTLED } from "../db/unsettled-trades.js";
import { signedOrderOf } from "./commands.js";
import type { EngineTrade } from "./engine.js";
import { costOf } from "./money.js";
import {
  CASH,
  type AgreedTrade,
  type MarketSide,
  type Reservations,
  type TradeDesk,
  type TradeFate,
  type TradeMode,
} from "./ports.js";

export interface DeskOptions {
  readonly db: Db;
  readonly reservations: Reservations;
  /** These trades were committed: they are to be settled. */
  readonly offer: (trades: readonly QueuedTrade[]) => void;
}

export interface HostDesk extends TradeDesk {
  /** Like `agreed`, before the trades are written: nothing is to be sent yet. */
  hold(trades: readonly AgreedTrade[]): void;
  /** Holds again what trades without a fate need, and gives those their fate that ended meanwhile. Before anything is accepted. */
  restore(): Promise<void>;
  /** As `write`, of trades that are not there yet. */
  writeNew(session: Session, trades: readonly AgreedTrade[]): Promise<void>;
  /** After they were committed: sends them to settlement. */
  settle(trades: readonly (AgreedTrade | EngineTrade)[]): void;
  /** Operations have ended, some of them trades. */
  settled(fates: readonly Fate[]): void;
}

/** Where trades are written down and followed to their settlement. */
export function createTradeDesk({ db, reservations, offer }: DeskOptions): HostDesk {
  const listeners = new Set<(fate: TradeFate) => void>();
  const open = new Map<string, OpenTrade>();

  function hold(trade: OpenTrade): void {
    open.set(trade.id, trade);
    const { units, cash } = keysOf(trade.id);
    reservations.hold(units, trade.seller, trade.batch, BigInt(trade.tonnes));
    reservations.hold(cash, trade.buyer, CASH, costOf(trade.tonnes, trade.price, trade.buyerMaximumFee));
  }

  function holdAll(trades: readonly AgreedTrade[]): void {
    for (const trade of trades) if (!open.has(trade.id)) hold(trade);
  }

  function close(fate: TradeFate): void {
    if (!open.delete(fate.id)) return;
    const { units, cash } = keysOf(fate.id);
    reservations.release(units);
    reservations.release(cash);
    for (const listener of listeners) listener(fate);
  }

  function settle(trades: readonly (AgreedTrade | EngineTrade)[]): void {
    offer(trades.map(queued));
  }

  return {
    async write(trx, trades) {
      const known = await readKnown(trx, trades);
      const others = trades.filter(({ id }) => !known.has(id));
      await pipelined(trx, (session) => writeTrades(session, others));
    },

    writeNew: writeTrades,

    hold: holdAll,

    settle,

    agreed(trades) {
      holdAll(trades);
      settle(trades);
    },

    onFate(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async restore() {
      open.clear();
      const rows = await db.selectFrom("trades").select(FATE_COLUMNS).where(IS_UNSETTLED).execute();
      for (const row of rows) if (!open.has(row.id)) hold(row);
      // The outbox runs already: what it ended while this was read, it told before anybody held it.
      for (const fate of await readFates(db, [...open.keys()])) close(fate);
    },

    settled(fates) {
      for (const fate of fates) {
        const trade = open.get(fate.id);
        if (trade !== undefined) close(fateOf(trade, fate));
      }
    },
  };
}

/** What is known of a trade until it is settled. */
interface OpenTrade {
  readonly id: string;
  readonly batch: string;
  readonly mode: TradeMode;
  readonly takerHash: string;
  readonly makerHash: string;
  readonly aggressor: MarketSide | null;
  readonly buyer: string;
  readonly seller: string;
  readonly buyerParticipantId: number;
  readonly sellerParticipantId: number;
  readonly tonnes: number | bigint;
  readonly price: number | bigint;
  readonly buyerMaximumFee: number;
}

function queued(trade: AgreedTrade | EngineTrade): QueuedTrade {
  const { id, takerHash: taker, makerHash: maker, tonnes, price, deal } = trade;
  const operation = queuedTrade({ id, taker, maker, tonnes: BigInt(tonnes), price: BigInt(price), deal: deal ?? null });
  if (!("taker" in trade)) return operation;
  return { ...operation, orders: { taker: signedOrderOf(trade.taker.order), maker: signedOrderOf(trade.maker.order) } };
}

function fateOf(trade: OpenTrade, { txHash, blockNumber, ...fate }: Fate): TradeFate {
  const { id, batch, mode, takerHash, makerHash, aggressor, buyerParticipantId, sellerParticipantId } = trade;
  const result = fate.status === "final" ? (fate.result as { buyerFee: string; sellerFee: string }) : null;
  return {
    id,
    batch,
    mode,
    takerHash,
    makerHash,
    aggressor,
    buyerParticipantId,
    sellerParticipantId,
    tonnes: BigInt(trade.tonnes),
    price: BigInt(trade.price),
    buyerFee: result === null ? null : BigInt(result.buyerFee),
    sellerFee: result === null ? null : BigInt(result.sellerFee),
    status: result === null ? "failed" : "settled",
    txHash,
    blockNumber,
    problem: fate.status === "rejected" ? (fate.problem as unknown as JsonObject) : null,
  };
}

export function keysOf(tradeId: string): { readonly units: string; readonly cash: string } {
  return { units: `trade:${tradeId}:units`, cash: `trade:${tradeId}:cash` };
}

/**
 * Writes trades that are not there yet, in a pipeline. A trade is its own operation (see `Settlements`): it is numbered with the others, and told as
 * accepted.
 */
async function writeTrades(session: Session, trades: readonly AgreedTrade[]): Promise<void> {
  if (trades.length === 0) return;
  const { rows } = await sql<{ numbers: string }>`
    select string_agg(nextval('operations_seq_seq')::text, ',') as numbers
    from generate_series(1, ${trades.length}::int4)`.execute(session);
  const numbers = rows[0]?.numbers ?? "";
  const places = numbers.split(",");
  const lines = trades.map((trade, place) => ({ seq: places[place], ...rowOf(trade) }));
  const unsettled = places.map((seq) => ({ seq }));
  await Promise.all([
    copyRows(session, "trades", lines),
    copyRows(session, "unsettled_trades", unsettled),
    sql`
      insert into operation_log (status, operations)
      values ('accepted', string_to_array(${numbers}, ',')::int8[])`.execute(session),
  ]);
}

function rowOf(trade: AgreedTrade) {
  return {
    id: trade.id,
    batch_code: trade.batch,
    mode: trade.mode,
    taker_hash: trade.takerHash,
    maker_hash: trade.makerHash,
    buyer: trade.buyer,
    seller: trade.seller,
    buyer_participant_id: trade.buyerParticipantId,
    seller_participant_id: trade.sellerParticipantId,
    tonnes: trade.tonnes,
    price: trade.price,
    aggressor: trade.aggressor,
    buyer_maximum_fee: trade.buyerMaximumFee,
    seller_maximum_fee: trade.sellerMaximumFee,
    deal: trade.deal ?? null,
    matched_at: new Date(trade.matchedAt).toISOString(),
    status: "matched",
  };
}

async function readKnown(trx: Transaction<Database>, trades: readonly AgreedTrade[]): Promise<ReadonlySet<string>> {
  const ids = trades.map(({ id }) => id);
  const rows = await trx.selectFrom("trades").select("id").where(isOneOf("id", ids)).execute();
  return new Set(rows.map(({ id }) => id));
}

const FATE_COLUMNS = [
  "id",
  "batch_code as batch",
  "mode",
  "aggressor",
  "buyer",
  "seller",
  "tonnes",
  "price",
  "status",
  "problem",
  "taker_hash as takerHash",
  "maker_hash as makerHash",
  "tx_hash as txHash",
  "block_number as blockNumber",
  "buyer_participant_id as buyerParticipantId",
  "seller_participant_id as sellerParticipantId",
  "buyer_maximum_fee as buyerMaximumFee",
  "buyer_fee as buyerFee",
  "seller_fee as sellerFee",
] as const;

/** Of those that have ended. */
async function readFates(db: Db, ids: readonly string[]): Promise<TradeFate[]> {
  const rows = await db.selectFrom("trades").select(FATE_COLUMNS).where(isOneOf("id", ids)).execute();
  return rows.flatMap(({ status, ...row }) => (status === "matched" ? [] : [{ ...row, status }]));
}

function isOneOf(column: string, ids: readonly string[]) {
  return sql<boolean>`${sql.ref(column)} in (select jsonb_array_elements_text(${jsonText(ids)}::text::jsonb))`;
}
