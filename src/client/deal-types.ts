import type { Side } from "./market-types.js";
import type { Address, DateTime, Decimal, Hash, ProblemDocument } from "./types.js";

/** What is agreed outside of the order book. */

/** A firm order that other members may select, in whole or in part. */
export interface PutThroughOrder {
  readonly id: Hash;
  readonly batch: string;
  readonly side: Side;
  readonly price: Decimal;
  readonly tonnes: Decimal;
  readonly minimumTonnes: Decimal;
  readonly account: Address;
  readonly participantId: number;
  readonly expiresAt: DateTime;
  readonly createdAt: DateTime;
  readonly links: Readonly<Record<string, string | null>> & { readonly self: string };
}

export interface DealTerms<Number = Decimal> {
  readonly seller: Address;
  readonly buyer: Address;
  readonly batch: string;
  readonly tonnes: Number;
  readonly price: Number;
  readonly maximumFeeBasisPoints: Number;
  /** Unix time in seconds. */
  readonly expiresAt: Number;
  readonly nonce: Number;
}

export type DealStatus = "reported" | "confirmed" | "settled" | "failed" | "cancelled" | "expired";

export interface ReportedDeal {
  readonly id: Hash;
  readonly status: DealStatus;
  readonly deal: DealTerms;
  readonly value: Decimal;
  readonly sellerParticipantId: number;
  readonly buyerParticipantId: number;
  readonly reportedBy: "buyer" | "seller";
  readonly confirmBy: DateTime;
  readonly cancelledBy: "buyer" | "seller" | null;
  readonly txHash: Hash | null;
  readonly blockNumber: number | null;
  readonly problem: ProblemDocument | null;
  readonly createdAt: DateTime;
  readonly updatedAt: DateTime;
  readonly links: Readonly<Record<string, string | null>>;
}
