import { keccak256 } from "../chain/keccak.js";
import { holdAuction } from "../matching/auction.js";
import type { BidRecord } from "./bid-store.js";
import type { AuctionEnd, AuctionRecord } from "./store.js";

/** A bid that takes no part, and why: a code of the error table, or `order-void` when it was cancelled on the chain. */
export interface Excluded {
  readonly digest: string;
  readonly reason: string;
}

/** What the bids make of an auction. The same bids give the same result, in whatever order they come. */
export function clear(auction: AuctionRecord, bids: readonly BidRecord[], excluded: readonly Excluded[]): AuctionEnd {
  const transcript = holdAuction(
    {
      auction: auction.id,
      offeredTonnes: auction.tonnes,
      reservePrice: auction.reservePrice,
      seedHash: auction.seedCommitment,
    },
    auction.seed,
    bids.map(({ hash, price, tonnes }) => ({ digest: hash, price, tonnes })),
    keccak256,
  );
  const winners = transcript.bids.filter(({ wonTonnes }) => wonTonnes !== "0");
  const { clearingPrice, voidReason } = transcript;
  return {
    status: clearingPrice === null ? "void" : "cleared",
    voidReason,
    clearingPrice: clearingPrice === null ? null : BigInt(clearingPrice),
    transcript: JSON.stringify({ ...transcript, excluded }),
    allotments: new Map(winners.map(({ digest, wonTonnes }) => [digest, BigInt(wonTonnes)])),
  };
}

/** The end of an auction that came to no clearing. */
export function endWithout(status: "void" | "cancelled", voidReason: string | null): AuctionEnd {
  return { status, voidReason, clearingPrice: null, transcript: null, allotments: new Map() };
}
