import type { ColumnType, Generated } from "kysely";

import type { JsonObject, Timestamp } from "./inbox-tables.js";

export type DealSide = "buyer" | "seller";

/** `confirmed`: both have signed. What becomes of it then is its trade's to tell, which has the same id. */
export type DealStatus = "reported" | "confirmed" | "cancelled" | "expired";

/** Deals agreed elsewhere: reported by one party, confirmed by the other. */
export interface DealsTable {
  /** EIP-712 digest of the deal. */
  hash: string;
  /** Order of the reports. */
  seq: Generated<bigint>;
  seller: string;
  buyer: string;
  seller_participant_id: number;
  buyer_participant_id: number;
  batch_code: string;
  tonnes: bigint;
  /** Minor units per tonne. */
  price: bigint;
  maximum_fee_basis_points: number;
  /** Unix time, in seconds. */
  expires_at: bigint;
  /** Decimal: up to 256 bits. */
  nonce: string;
  reported_by: DealSide;
  seller_signature: string | null;
  buyer_signature: string | null;
  status: DealStatus;
  /** Of a cancelled one: who did. */
  cancelled_by: DealSide | null;
  created_at: Timestamp;
  updated_at: Timestamp;
}

/** `open` from its announcement to its close: whether bids are taken is told by the clock. The other three are ends. */
export type AuctionStatus = "open" | "cleared" | "void" | "cancelled";

/** Auctions at one price. */
export interface AuctionsTable {
  /** The digest of the seller's order. */
  id: string;
  /** Order of the announcements. */
  seq: Generated<bigint>;
  batch_code: string;
  seller: string;
  seller_participant_id: number;
  tonnes: bigint;
  /** The limit of the seller's order. */
  reserve_price: bigint;
  /** Unix time, in seconds: bids are taken from then on, and before `closes_at`. */
  opens_at: bigint;
  closes_at: bigint;
  /** 32 bytes, hex. Secret until the auction has ended. */
  seed: string;
  /** keccak-256 of the seed. */
  seed_commitment: string;
  status: AuctionStatus;
  void_reason: string | null;
  clearing_price: bigint | null;
  /** From the close on: what anyone can check the result by. */
  transcript: ColumnType<JsonObject | null, string | null | undefined, string | null>;
  created_at: Timestamp;
  closed_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
}

/** Their terms are those of the order. */
export interface AuctionBidsTable {
  /** The digest of the order. */
  hash: string;
  auction_id: string;
  /** Order of arrival. */
  seq: Generated<bigint>;
  status: "sealed" | "cancelled" | "won" | "lost";
  allotted_tonnes: Generated<bigint>;
  created_at: Timestamp;
}

/** What was agreed outside the book. Not derivable from the chain. */
export interface DealTables {
  deals: DealsTable;
  auctions: AuctionsTable;
  auction_bids: AuctionBidsTable;
}
