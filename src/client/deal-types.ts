import type { DealJson, OrderJson } from "../chain/orders.js";
import type { Address, DateTime, Decimal, Hash, ProblemDocument } from "./types.js";

/** What is agreed outside the book, as JSON: deals, firm orders on the board, auctions. */

export type DealSide = "buyer" | "seller";
export type DealStatus = "reported" | "confirmed" | "settled" | "failed" | "cancelled" | "expired";

export interface Deal {
  readonly id: Hash;
  readonly status: DealStatus;
  /** What both parties sign. */
  readonly deal: DealJson;
  /** Tonnes times price. */
  readonly value: Decimal;
  readonly sellerParticipantId: number;
  readonly buyerParticipantId: number;
  readonly reportedBy: DealSide;
  readonly confirmBy: DateTime;
  readonly cancelledBy: DealSide | null;
  readonly txHash: Hash | null;
  readonly blockNumber: number | null;
  readonly problem: ProblemDocument | null;
  readonly createdAt: DateTime;
  readonly updatedAt: DateTime;
  readonly links: {
    readonly self: string;
    readonly confirmation: string | null;
    readonly settlement: string | null;
    readonly transaction: string | null;
  };
}

export interface SignedDealReport {
  readonly deal: DealJson;
  readonly signature: string;
  readonly reportedBy: DealSide;
}

/** A deal of a managed account. */
export interface ManagedDealReport {
  readonly account?: Address;
  readonly side: DealSide;
  readonly counterparty: Address;
  readonly batch: string;
  readonly tonnes: Decimal;
  readonly price: Decimal;
  readonly maximumFeeBasisPoints: Decimal;
  readonly expiresAt: Decimal;
  readonly nonce?: Decimal;
}

export type DealConfirmation = { readonly signature: string } | { readonly account?: Address };

export interface PutThroughOrder {
  readonly id: Hash;
  readonly batch: string;
  readonly side: "buy" | "sell";
  readonly price: Decimal;
  /** What is left. */
  readonly tonnes: Decimal;
  readonly minimumTonnes: Decimal;
  readonly account: Address;
  readonly participantId: number;
  readonly expiresAt: DateTime;
  readonly createdAt: DateTime;
  readonly links: { readonly self: string; readonly participant: string };
}

export type AuctionStatus = "announced" | "open" | "closing" | "cleared" | "void" | "cancelled";

export interface Auction {
  readonly id: Hash;
  readonly status: AuctionStatus;
  readonly batch: string;
  readonly seller: Address;
  readonly sellerParticipantId: number;
  readonly tonnes: Decimal;
  readonly reservePrice: Decimal;
  readonly opensAt: DateTime;
  readonly closesAt: DateTime;
  readonly seedCommitment: Hash;
  /** Null until it has ended. */
  readonly seed: Hash | null;
  readonly clearingPrice: Decimal | null;
  readonly voidReason: string | null;
  readonly createdAt: DateTime;
  readonly closedAt: DateTime | null;
  readonly links: { readonly self: string; readonly bids: string; readonly transcript: string | null };
}

interface AuctionTimes {
  readonly opensAt: DateTime;
  readonly closesAt: DateTime;
}

/** The terms of an order of a managed account. */
interface ManagedTerms {
  readonly account?: Address;
  readonly tonnes: Decimal;
  readonly maximumFeeBasisPoints: Decimal;
}

export interface SignedOrderBody {
  readonly order: OrderJson;
  readonly signature: string;
}

export type AuctionAnnouncement =
  | (SignedOrderBody & AuctionTimes)
  | (ManagedTerms & AuctionTimes & { readonly batch: string; readonly reservePrice: Decimal });

export type AuctionBid = SignedOrderBody | (ManagedTerms & { readonly price: Decimal });

export interface Bid {
  readonly id: Hash;
  readonly auction: Hash;
  readonly status: "sealed" | "cancelled" | "won" | "lost";
  readonly account: Address;
  readonly participantId: number;
  readonly tonnes: Decimal;
  readonly price: Decimal;
  readonly allottedTonnes: Decimal;
  readonly createdAt: DateTime;
  readonly links: { readonly self: string; readonly auction: string };
}
