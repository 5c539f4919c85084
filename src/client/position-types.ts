import type { Address, DateTime, Decimal, Hash, OnChain } from "./types.js";

/** What a firm has on the exchange. */

/** What a firm has on the exchange: `batch` null is cash. */
export interface Position {
  readonly account: Address;
  readonly participantId: number | null;
  readonly batch: string | null;
  readonly amount: Decimal;
  readonly leaving: Decimal;
  readonly availableAt: DateTime | null;
  readonly reserved: Decimal;
  readonly available: Decimal;
}

export type WithdrawalStatus = "leaving" | "withdrawn" | "cancelled" | "recovered";

export interface Withdrawal extends OnChain {
  readonly id: string;
  readonly account: Address;
  readonly batch: string | null;
  readonly amount: Decimal;
  readonly status: WithdrawalStatus;
  readonly availableAt: DateTime;
  readonly intentHash: Hash | null;
  readonly requestedAt: DateTime;
  readonly closedAt: DateTime | null;
}

/** What of a position is promised. */
export interface Reservation {
  readonly for: string;
  readonly batch: string | null;
  readonly amount: Decimal;
}
