import { sql, type Transaction } from "kysely";

import type { Db } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import type { Database } from "../db/schema.js";
import type { Logger } from "../logger.js";
import { costOf } from "./money.js";
import { CASH, type AgreedTrade, type Reservations, type TradeDesk, type TradeFate } from "./ports.js";

export interface DeskOptions {
  readonly db: Db;
  readonly reservations: Reservations;
  /** There are new settlement operations. */
  readonly kick: () => void;
  readonly logger: Pick<Logger, "error">;
}

export interface HostDesk extends TradeDesk {
  /** Like `agreed`, before the trades are written: nothing is to be sent yet. */
  hold(trades: readonly AgreedTrade[]): void;
  /** Holds again what trades without a fate need, and gives those their fate that ended meanwhile. Before anything is accepted. */
  restore(): Promise<void>;
  /** Operations have ended, some of them perhaps settlements. */
  settled(operationIds: readonly string[]): void;
  /** Resolves when all that was told is written. */
  idle(): Promise<void>;
}

/** Where trades are written down and followed to their settlement. */
export function createTradeDesk({ db, reservations, kick, logger }: DeskOptions): HostDesk {
  const listeners = new Set<(fate: TradeFate) => void>();
  const open = new Set<string>();
  let ended: string[] = [];
  let running: Promise<void> | undefined;

  function hold(trade: Holding): void {
    open.add(trade.id);
    const { units, cash } = keysOf(trade.id);
    reservations.hold(units, trade.seller, trade.batch, BigInt(trade.tonnes));
    reservations.hold(cash, trade.buyer, CASH, costOf(trade.tonnes, trade.price, trade.buyerMaximumFee));
  }

  function holdAll(trades: readonly AgreedTrade[]): void {
    for (const trade of trades) if (!open.has(trade.id)) hold(trade);
  }

  function close(fate: TradeFate): void {
    open.delete(fate.id);
    const { units, cash } = keysOf(fate.id);
    reservations.release(units);
    reservations.release(cash);
    for (const listener of listeners) listener(fate);
  }

  async function run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (ended.length > 0) {
      const ids = ended;
      ended = [];
      try {
        await writeFates(db, ids);
        for (const fate of await readFates(db, ids)) if (open.has(fate.id)) close(fate);
      } catch (error) {
        logger.error({ err: error, trades: ids.length }, "The fates of trades could not be written; tried again");
        ended.push(...ids);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    running = undefined;
  }

  function settled(ids: readonly string[]): void {
    const own = ids.filter((id) => open.has(id));
    if (own.length === 0) return;
    ended.push(...own);
    running ??= run();
  }

  return {
    write: writeTrades,

    hold: holdAll,

    agreed(trades) {
      holdAll(trades);
      kick();
    },

    onFate(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async restore() {
      open.clear();
      await writeFates(db, null);
      const rows = await db
        .selectFrom("trades")
        .select(["id", "batch_code", "buyer", "seller", "tonnes", "price", "buyer_maximum_fee"])
        .where("status", "=", "matched")
        .execute();
      for (const row of rows) {
        if (open.has(row.id)) continue;
        hold({
          id: row.id,
          batch: row.batch_code,
          buyer: row.buyer,
          seller: row.seller,
          tonnes: row.tonnes,
          price: row.price,
          buyerMaximumFee: row.buyer_maximum_fee,
        });
      }
      // The outbox runs already: what it ended while this was read, it told before anybody held it.
      settled([...open.keys()]);
      kick();
    },

    settled,

    idle: async () => running,
  };
}

const RETRY_MS = 500;

/** What a trade binds until it is settled. */
interface Holding {
  readonly id: string;
  readonly batch: string;
  readonly buyer: string;
  readonly seller: string;
  readonly tonnes: number | bigint;
  readonly price: number | bigint;
  readonly buyerMaximumFee: number;
}

export function keysOf(tradeId: string): { readonly units: string; readonly cash: string } {
  return { units: `trade:${tradeId}:units`, cash: `trade:${tradeId}:cash` };
}

/** Trades and their operations, by one statement. What is there already stays as it is. */
export async function writeTrades(trx: Transaction<Database>, trades: readonly AgreedTrade[]): Promise<void> {
  const rows = trades.map((trade, place) => ({
    place,
    id: trade.id,
    batch: trade.batch,
    mode: trade.mode,
    taker: trade.takerHash,
    maker: trade.makerHash,
    buyer: trade.buyer,
    seller: trade.seller,
    buyer_id: trade.buyerParticipantId,
    seller_id: trade.sellerParticipantId,
    tonnes: trade.tonnes,
    price: trade.price,
    aggressor: trade.aggressor,
    buyer_fee: trade.buyerMaximumFee,
    seller_fee: trade.sellerMaximumFee,
    deal: trade.deal ?? null,
    matched_at: trade.matchedAt,
  }));
  await sql`
    with agreed as (
      select * from json_to_recordset(${jsonText(rows)}::text::json) as row(place int, id text, batch text, mode text, taker text,
        maker text, buyer text, seller text, buyer_id int, seller_id int, tonnes int8, price numeric, aggressor text, buyer_fee int,
        seller_fee int, deal jsonb, matched_at int8)),
    written as (
      insert into operations (id, kind, lane, request, payload)
      select id, 'settlement', 'settlement',
        jsonb_build_object('batch', batch, 'mode', mode, 'buyer', buyer, 'seller', seller, 'tonnes', tonnes::text, 'price', price::text),
        case when deal is null
          then jsonb_build_object('taker', taker, 'maker', maker, 'tonnes', tonnes::text, 'price', price::text)
          else jsonb_build_object('hash', taker, 'deal', deal) end
      from agreed order by place
      on conflict do nothing
      returning seq),
    logged as (
      insert into operation_log (status, operations)
      select 'accepted', array_agg(seq order by seq) from written having count(*) > 0)
    insert into trades (id, batch_code, mode, taker_hash, maker_hash, buyer, seller, buyer_participant_id, seller_participant_id, tonnes,
      price, aggressor, buyer_maximum_fee, seller_maximum_fee, matched_at, status)
    select id, batch, mode, taker, maker, buyer, seller, buyer_id, seller_id, tonnes, price, aggressor, buyer_fee, seller_fee,
      timestamptz 'epoch' + matched_at * interval '1 millisecond', 'matched'
    from agreed order by place
    on conflict do nothing`.execute(trx);
}

/** Gives trades the fate of their operations. @param ids Null: all whose operation has ended. */
async function writeFates(db: Db, ids: readonly string[] | null): Promise<void> {
  const isMeant = ids === null ? sql<boolean>`true` : isOneOf("t.id", ids);
  await sql`
    update trades t set status = case o.status when 'final' then 'settled' else 'failed' end, tx_hash = o.tx_hash,
      block_number = o.block_number, problem = o.problem, buyer_fee = (o.result ->> 'buyerFee')::numeric,
      seller_fee = (o.result ->> 'sellerFee')::numeric
    from operations o
    where o.id = t.id and t.status = 'matched' and o.status in ('final', 'rejected') and ${isMeant}`.execute(db);
}

/** In a question of its own: an update whose answer was lost is not lost with it. */
async function readFates(db: Db, ids: readonly string[]): Promise<TradeFate[]> {
  const rows = await db
    .selectFrom("trades")
    .select(["id", "batch_code as batch", "mode", "aggressor", "tonnes", "price", "status", "problem"])
    .select(["taker_hash as takerHash", "maker_hash as makerHash", "tx_hash as txHash", "block_number as blockNumber"])
    .select(["buyer_participant_id as buyerParticipantId", "seller_participant_id as sellerParticipantId"])
    .select(["buyer_fee as buyerFee", "seller_fee as sellerFee"])
    .where(isOneOf("id", ids))
    .execute();
  return rows.flatMap(({ status, ...row }) => (status === "matched" ? [] : [{ ...row, status }]));
}

function isOneOf(column: string, ids: readonly string[]) {
  return sql<boolean>`${sql.ref(column)} in (select jsonb_array_elements_text(${jsonText(ids)}::text::jsonb))`;
}
