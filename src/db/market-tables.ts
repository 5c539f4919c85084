import type { ColumnType, Generated } from "kysely";

import type { JsonObject, Timestamp } from "./inbox-tables.js";

/**
 * The input log of the markets. A row carries the commands of a group of requests, which became durable together; every command has its
 * own number, from `first_seq` to `last_seq` without gaps over the whole table. Everything else about the book follows from it.
 */
export interface MarketLogTable {
  first_seq: bigint;
  last_seq: bigint;
  /** The instant, in Unix milliseconds, that the commands were applied for. */
  at: bigint;
  /** JSON array of commands; text, because nobody asks into it and it comes back byte by byte. */
  commands: string;
}

/** State of the markets after a command: a start reads the last one and the log after it. */
export interface MarketSnapshotsTable {
  seq: bigint;
  state: string;
  created_at: Timestamp;
}

/** One row: how far the effects of the log are written to `orders` and `trades`. */
export interface MarketAppliedTable {
  id: number;
  applied_seq: bigint;
}

export type OrderMode = "book" | "put-through" | "auction";

/** Every order that was accepted. Written after the log, and derived from it. */
export interface OrdersTable {
  /** EIP-712 digest of the order. */
  hash: string;
  /** Dense, in the order of acceptance: the core's name for it. Null for orders that never enter the core (auctions). */
  number: bigint | null;
  /** Order of the lists. */
  listed: Generated<bigint>;
  account: string;
  participant_id: number;
  batch_code: string;
  side: "buy" | "sell";
  kind: "limit" | "market";
  tonnes: bigint;
  minimum_tonnes: bigint;
  limit_price: bigint;
  maximum_fee_basis_points: number;
  nonce: bigint;
  expires_at: bigint;
  time_in_force: "gtc" | "gtd" | "day" | "ioc" | "fok";
  post_only: boolean;
  self_trade: "cancel-incoming" | "cancel-resting" | "cancel-both";
  mode: OrderMode;
  signature: string;
  /** When it leaves the book by itself, in Unix seconds: not later than it can still settle. */
  leaves_at: bigint;
  /** Number of the firm order that it takes. */
  selects: bigint | null;
  /** The session of the own-orders stream that it ends with. */
  session: string | null;
  status: "open" | "filled" | "cancelled" | "expired" | "rejected";
  /** Matched so far, settled or not. */
  filled_tonnes: bigint;
  reason: string | null;
  created_at: Timestamp;
  updated_at: Timestamp;
}

/** Every trade that was matched or agreed. */
export interface TradesTable {
  /** A trade is its own operation, and this is the id of both. */
  id: string;
  /** Its place among all operations. */
  seq: Generated<bigint>;
  batch_code: string;
  mode: "book" | "put-through" | "deal" | "auction";
  taker_hash: string;
  maker_hash: string;
  buyer: string;
  seller: string;
  buyer_participant_id: number;
  seller_participant_id: number;
  tonnes: bigint;
  price: bigint;
  aggressor: "buy" | "sell" | null;
  buyer_maximum_fee: number;
  seller_maximum_fee: number;
  /** Of a deal: the deal as both sides signed it, which its settlement needs. */
  deal: ColumnType<JsonObject | null, string | null | undefined, never>;
  matched_at: Timestamp;
  /** When its fate was written down. */
  ended_at: ColumnType<Date | null, never, never>;
  status: "matched" | "settled" | "failed";
  buyer_fee: bigint | null;
  seller_fee: bigint | null;
  tx_hash: string | null;
  block_number: bigint | null;
  problem: ColumnType<JsonObject | null, string | null | undefined, string | null>;
}

/** The trades whose status is `matched`, by their `seq`: so many as are on their way, however many there ever were. */
export interface UnsettledTradesTable {
  seq: bigint;
}

/** What the chain cannot give back about the markets: never dropped by a rebuild of the read model. */
export interface MarketTables {
  market_log: MarketLogTable;
  market_snapshots: MarketSnapshotsTable;
  market_applied: MarketAppliedTable;
  orders: OrdersTable;
  trades: TradesTable;
  unsettled_trades: UnsettledTradesTable;
}
