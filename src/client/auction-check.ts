import { keccak256 } from "../chain/keccak.js";
import { checkTranscript, type AuctionFault } from "../matching/auction.js";
import type { AuctionTranscript } from "./auction-types.js";
import type { Hash } from "./types.js";

/**
 * Repeats an auction from its transcript, without the service.
 * @param commitment `seedCommitment`, as it was announced before the first bid.
 * @param ownBids Ids of bids that must be named in it.
 * @returns everything that is wrong; nothing when all is right
 */
export function checkAuction(
  transcript: AuctionTranscript,
  commitment: Hash,
  ownBids: readonly Hash[] = [],
): (AuctionFault | "bid-missing")[] {
  const faults: (AuctionFault | "bid-missing")[] = checkTranscript(transcript, keccak256);
  if (transcript.seedHash !== commitment && !faults.includes("seed-not-committed")) faults.push("seed-not-committed");
  const named = new Set([...transcript.bids, ...transcript.excluded].map(({ digest }) => digest));
  if (ownBids.some((id) => !named.has(id))) faults.push("bid-missing");
  return faults;
}
