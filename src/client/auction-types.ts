import type { Address, DateTime, Decimal, Hash } from "./types.js";

/** Auctions at one price. */

export interface Auction {
  readonly id: Hash;
  readonly status: "announced" | "open" | "closing" | "cleared" | "void" | "cancelled";
  readonly batch: string;
  readonly seller: Address;
  readonly sellerParticipantId: number;
  readonly tonnes: Decimal;
  readonly reservePrice: Decimal;
  readonly opensAt: DateTime;
  readonly closesAt: DateTime;
  readonly seedCommitment: Hash;
  readonly seed: Hash | null;
  readonly clearingPrice: Decimal | null;
  readonly voidReason: string | null;
  readonly createdAt: DateTime;
  readonly closedAt: DateTime | null;
  readonly links: Readonly<Record<string, string | null>> & { readonly self: string };
}

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
  readonly links: Readonly<Record<string, string | null>> & { readonly self: string };
}

export interface AuctionTranscript {
  readonly version: 1;
  readonly auction: Hash;
  readonly offeredTonnes: Decimal;
  readonly reservePrice: Decimal;
  readonly seedHash: Hash;
  readonly seed: Hash;
  readonly bids: readonly {
    readonly digest: Hash;
    readonly price: Decimal;
    readonly tonnes: Decimal;
    readonly tieKey: Hash;
    readonly wonTonnes: Decimal;
  }[];
  readonly demandedTonnes: Decimal;
  readonly clearingPrice: Decimal | null;
  readonly voidReason: "undersubscribed" | "below-reserve" | null;
  readonly excluded: readonly { readonly digest: Hash; readonly reason: string }[];
}
