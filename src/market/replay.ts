import { createHash } from "node:crypto";
import { sql } from "kysely";

import type { Db } from "../db/connection.js";
import { MarketEngine, type OrderRecord } from "./engine.js";
import { appliedSeq, readLog } from "./log.js";
import type { AgreedTrade } from "./ports.js";

/** What a replay of the log found. */
export interface ReplayReport {
  readonly commands: number;
  /** Commands in the log whose effects are not written yet: a start writes them. */
  readonly unwritten: number;
  readonly trades: number;
  readonly storedTrades: number;
  readonly orders: number;
  /** SHA-256 over the lines of all trades. */
  readonly digest: string;
  readonly storedDigest: string;
  /** The first line where the two part: as replayed, as stored. */
  readonly difference: {
    readonly line: number;
    readonly replayed: string | null;
    readonly stored: string | null;
  } | null;
  /** Hashes of orders that ended otherwise than it is stored. At most ten. */
  readonly orderDifferences: readonly string[];
}

const PAGE = 5_000;

/** Puts the whole log through a fresh core, and holds the trades and the orders against those that are stored, byte by byte. */
export async function replayLog(db: Db): Promise<ReplayReport> {
  const engine = new MarketEngine();
  const applied = await appliedSeq(db);
  const stored = storedLines(db);
  const replayed = { digest: createHash("sha256"), count: 0 };
  const kept = { digest: createHash("sha256"), count: 0 };
  const orders = new Map<string, OrderRecord>();
  let difference: ReplayReport["difference"] = null;
  let [commands, unwritten] = [0, 0];

  async function compare(line: string | null): Promise<boolean> {
    const next = await stored.next();
    const other = next.done === true ? null : next.value;
    if (line !== null) {
      replayed.digest.update(`${line}\n`);
      replayed.count += 1;
    }
    if (other !== null) {
      kept.digest.update(`${other}\n`);
      kept.count += 1;
    }
    if (line !== other) difference ??= { line: Math.max(replayed.count, kept.count), replayed: line, stored: other };
    return other !== null;
  }

  for await (const group of readLog(db, 0)) {
    for (const [place, command] of group.commands.entries()) {
      if (group.first + place > applied) {
        unwritten += 1;
        continue;
      }
      commands += 1;
      const { trades, changed } = engine.apply(group.first + place, group.at, command);
      for (const trade of trades) await compare(lineOf(trade));
      for (const record of changed) orders.set(record.order.hash, record);
    }
  }
  while (await compare(null));

  return {
    commands,
    unwritten,
    trades: replayed.count,
    storedTrades: kept.count,
    orders: orders.size,
    digest: replayed.digest.digest("hex"),
    storedDigest: kept.digest.digest("hex"),
    difference,
    orderDifferences: await differentOrders(db, orders),
  };
}

/** True when everything is as it was. */
export function isFaithful(report: ReplayReport): boolean {
  return report.difference === null && report.orderDifferences.length === 0;
}

function lineOf(trade: Omit<AgreedTrade, "deal" | "mode"> & { readonly mode: string }): string {
  return [
    trade.id,
    trade.batch,
    trade.mode,
    trade.takerHash,
    trade.makerHash,
    trade.buyer,
    trade.seller,
    trade.buyerParticipantId,
    trade.sellerParticipantId,
    trade.tonnes,
    trade.price,
    trade.aggressor,
    trade.buyerMaximumFee,
    trade.sellerMaximumFee,
    new Date(trade.matchedAt).toISOString(),
  ].join(" ");
}

/** Of the trades that came out of the log, in their order. */
async function* storedLines(db: Db): AsyncGenerator<string, void> {
  for (let last = 0n; ;) {
    const rows = await db
      .selectFrom("trades")
      .selectAll()
      .where("mode", "in", ["book", "put-through"])
      .where("seq", ">", last)
      .orderBy("seq")
      .limit(PAGE)
      .execute();
    for (const row of rows) {
      last = row.seq;
      yield [
        row.id,
        row.batch_code,
        row.mode,
        row.taker_hash,
        row.maker_hash,
        row.buyer,
        row.seller,
        row.buyer_participant_id,
        row.seller_participant_id,
        row.tonnes,
        row.price,
        row.aggressor,
        row.buyer_maximum_fee,
        row.seller_maximum_fee,
        row.matched_at.toISOString(),
      ].join(" ");
    }
    if (rows.length < PAGE) return;
  }
}

const MOST_DIFFERENCES = 10;

async function differentOrders(db: Db, orders: ReadonlyMap<string, OrderRecord>): Promise<string[]> {
  const different: string[] = [];
  const missing = new Set(orders.keys());
  for (let last = -1n; ;) {
    const { rows } = await sql<{
      hash: string;
      number: bigint;
      status: string;
      filled_tonnes: bigint;
      reason: string | null;
    }>`
      select hash, number, status, filled_tonnes, reason from orders
      where number is not null and number > ${last} order by number limit ${PAGE}`.execute(db);
    for (const row of rows) {
      last = row.number;
      const record = orders.get(row.hash);
      missing.delete(row.hash);
      const isSame =
        record?.number.toString() === row.number.toString() &&
        record.status === row.status &&
        record.filledTonnes.toString() === row.filled_tonnes.toString() &&
        record.reason === row.reason;
      if (!isSame) different.push(row.hash);
    }
    if (rows.length < PAGE) break;
  }
  return [...different, ...missing].slice(0, MOST_DIFFERENCES);
}
