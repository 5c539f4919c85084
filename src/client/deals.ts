import { keccak256 } from "../chain/keccak.js";
import { checkTranscript, type AuctionFault, type AuctionTranscript } from "../matching/auction.js";
import { collection, pages, read, segment } from "./calls.js";
import type * as d from "./deal-types.js";
import type { ReadOptions } from "./requests.js";
import type { Transport } from "./transport.js";
import type { Hash, Page } from "./types.js";

/**
 * Posts what is the same, however often it comes: with a signature it is known by its hash. What the service signs is repeated only when
 * the caller has named a nonce.
 */
function post<Answer>(send: Transport, path: string, body: object): Promise<Answer> {
  const repeatable = "signature" in body || "nonce" in body;
  return send<Answer>({ method: "POST", path, body, repeatable });
}

function drop<Answer>(send: Transport, path: string): Promise<Answer> {
  return send<Answer>({ method: "DELETE", path, repeatable: false });
}

/** Deals agreed elsewhere, and the board of firm orders. */
export function deals(send: Transport) {
  const path = "/v1/deals";
  return {
    ...collection<d.Deal, { status?: d.DealStatus; batch?: string; account?: string }>(send, path),
    report: (body: d.SignedDealReport | d.ManagedDealReport) => post<d.Deal>(send, path, body),
    confirm: (id: Hash, body: d.DealConfirmation) => {
      const at = `${path}/${segment(id)}/confirmation`;
      return send<d.Deal>({ method: "POST", path: at, body, repeatable: false });
    },
    cancel: (id: Hash) => drop<d.Deal>(send, `${path}/${segment(id)}`),
  };
}

export function putThroughOrders(send: Transport) {
  type Filter = { batch?: string; side?: "buy" | "sell"; participantId?: number };
  return collection<d.PutThroughOrder, Filter>(send, "/v1/put-through-orders");
}

export function auctions(send: Transport) {
  const path = "/v1/auctions";
  const at = (id: Hash): string => `${path}/${segment(id)}`;
  const ownBids = (id: Hash, filter?: ReadOptions) => read<Page<d.Bid>>(send, `${at(id)}/bids`, filter);
  return {
    ...collection<d.Auction, { status?: d.AuctionStatus; batch?: string; participantId?: number }>(send, path),
    announce: (body: d.AuctionAnnouncement) => post<d.Auction>(send, path, body),
    bid: (id: Hash, body: d.AuctionBid) => post<d.Bid>(send, `${at(id)}/bids`, body),
    /** Own bids, one page; all of them: `allBids`. */
    bids: ownBids,
    allBids: (id: Hash) => pages((filter?: ReadOptions) => ownBids(id, filter)),
    cancelBid: (id: Hash, bid: Hash) => drop<d.Bid>(send, `${at(id)}/bids/${segment(bid)}`),
    close: (id: Hash) => send<d.Auction>({ method: "POST", path: `${at(id)}/close`, repeatable: true }),
    callOff: (id: Hash) => drop<d.Auction>(send, at(id)),
    transcript: (id: Hash) => read<PublishedTranscript>(send, `${at(id)}/transcript`),
  };
}

/** With the bids that were left out, because their accounts could not trade any more at the close. */
export interface PublishedTranscript extends AuctionTranscript {
  readonly excluded: readonly { readonly digest: Hash; readonly reason: string }[];
}

/**
 * Repeats an auction from its transcript, without the service.
 * @param commitment `seedCommitment`, as it was announced before the first bid.
 * @param ownBids Ids of bids that must be named in it.
 * @returns everything that is wrong; nothing when all is right
 */
export function checkAuction(
  transcript: PublishedTranscript,
  commitment: Hash,
  ownBids: readonly Hash[] = [],
): (AuctionFault | "bid-missing")[] {
  const faults: (AuctionFault | "bid-missing")[] = checkTranscript(transcript, keccak256);
  if (transcript.seedHash !== commitment && !faults.includes("seed-not-committed")) faults.push("seed-not-committed");
  const present = new Set([...transcript.bids, ...transcript.excluded].map(({ digest }) => digest));
  if (ownBids.some((id) => !present.has(id))) faults.push("bid-missing");
  return faults;
}
