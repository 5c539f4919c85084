/**
 * The uniform-price auction: one sealed round, one price for all winners.
 *
 * Before the bids open, the auctioneer draws a seed and publishes its hash. After they close, bids are sorted by price, equal prices by the
 * hash of seed and bid: nobody could know that order while bidding, and nobody can choose it afterwards. Volumes are added from the top; the
 * price of the bid with which the sum reaches the offer clears for all, and that last winner gets what remains.
 *
 * Everything is integers of any size. The transcript is plain JSON, with quantities as decimal strings, and says all that is needed to repeat
 * the auction: anyone can.
 */

/** Of bytes, to bytes: both as "0x" and lower-case hexadecimal digits. The ledger's is keccak-256. */
export type Hash = (bytes: string) => string;

export interface AuctionTerms {
  /** What this auction is called; says which of several a transcript belongs to. */
  readonly auction: string;
  readonly offeredTonnes: bigint;
  /** Per tonne. Below it, nothing is sold. */
  readonly reservePrice: bigint;
  /** The hash of the seed, published before the bids opened. */
  readonly seedHash: string;
}

export interface Bid {
  /** The digest of the signed order, 32 bytes. */
  readonly digest: string;
  /** Per tonne: the most that the bidder pays. */
  readonly price: bigint;
  readonly tonnes: bigint;
}

export type VoidReason = "undersubscribed" | "below-reserve";

export interface RankedBid {
  readonly digest: string;
  readonly price: string;
  readonly tonnes: string;
  /** The hash of the seed followed by the digest. Of equal prices the lower one comes first. */
  readonly tieKey: string;
  /** "0" for those who get nothing. */
  readonly wonTonnes: string;
}

export interface AuctionTranscript {
  readonly version: 1;
  readonly auction: string;
  readonly offeredTonnes: string;
  readonly reservePrice: string;
  readonly seedHash: string;
  readonly seed: string;
  /** All of them, best first. */
  readonly bids: readonly RankedBid[];
  /** The sum of all bids. */
  readonly demandedTonnes: string;
  /** What all winners pay per tonne; null when the auction is void. */
  readonly clearingPrice: string | null;
  readonly voidReason: VoidReason | null;
}

/** What is wrong with a transcript, or with what an auction is to be made of. */
export type AuctionFault =
  | "terms-invalid"
  | "seed-invalid"
  | "seed-not-committed"
  | "bid-invalid"
  | "bid-twice"
  | "version-unknown"
  | "tie-key-wrong"
  | "order-wrong"
  | "demand-wrong"
  | "clearing-wrong"
  | "allocation-wrong";

const WORD = /^0x[0-9a-f]{64}$/;
const DECIMAL = /^(0|[1-9][0-9]{0,77})$/;

/**
 * Holds the auction. The order in which the bids are given does not matter.
 * Throws a RangeError that begins with an `AuctionFault`: terms and bids are to be checked before, at the door.
 */
export function holdAuction(terms: AuctionTerms, seed: string, bids: readonly Bid[], hash: Hash): AuctionTranscript {
  const fault = faultOf(terms, seed, bids, hash);
  if (fault !== null) throw new RangeError(`${fault}: the auction ${terms.auction} cannot be held.`);

  const ranked = bids.map((bid) => ({ ...bid, tieKey: tieKeyOf(seed, bid.digest, hash) })).sort(byRank);
  const { price, reason } = clear(terms, ranked);
  let left = price === null ? 0n : terms.offeredTonnes;
  return {
    version: 1,
    auction: terms.auction,
    offeredTonnes: terms.offeredTonnes.toString(),
    reservePrice: terms.reservePrice.toString(),
    seedHash: terms.seedHash,
    seed,
    bids: ranked.map((bid) => {
      const won = bid.tonnes < left ? bid.tonnes : left;
      left -= won;
      return {
        digest: bid.digest,
        price: bid.price.toString(),
        tonnes: bid.tonnes.toString(),
        tieKey: bid.tieKey,
        wonTonnes: won.toString(),
      };
    }),
    demandedTonnes: demandOf(ranked).toString(),
    clearingPrice: price === null ? null : price.toString(),
    voidReason: reason,
  };
}

/**
 * Repeats the auction from its own transcript. Whoever bid looks besides whether the bid is in it, and whoever saw the seed's hash published
 * whether it is that one.
 * @returns everything that is wrong, nothing when all is right
 */
export function checkTranscript(transcript: AuctionTranscript, hash: Hash): AuctionFault[] {
  const version: number = transcript.version;
  if (version !== 1) return ["version-unknown"];
  if (![transcript.offeredTonnes, transcript.reservePrice].every((text) => DECIMAL.test(text)))
    return ["terms-invalid"];
  const numbers = transcript.bids.flatMap(({ price, tonnes }) => [price, tonnes]);
  if (!numbers.every((text) => DECIMAL.test(text))) return ["bid-invalid"];

  const terms: AuctionTerms = {
    auction: transcript.auction,
    offeredTonnes: BigInt(transcript.offeredTonnes),
    reservePrice: BigInt(transcript.reservePrice),
    seedHash: transcript.seedHash,
  };
  const bids = transcript.bids.map(({ digest, price, tonnes }) => {
    return { digest, price: BigInt(price), tonnes: BigInt(tonnes) };
  });
  const fault = faultOf(terms, transcript.seed, bids, hash);
  return fault === null ? differences(transcript, holdAuction(terms, transcript.seed, bids, hash)) : [fault];
}

function differences(given: AuctionTranscript, right: AuctionTranscript): AuctionFault[] {
  const faults = new Set<AuctionFault>();
  const wonBy = new Map(right.bids.map((bid) => [bid.digest, bid]));
  for (const [index, bid] of given.bids.entries()) {
    if (bid.digest !== right.bids[index]?.digest) faults.add("order-wrong");
    if (bid.tieKey !== wonBy.get(bid.digest)?.tieKey) faults.add("tie-key-wrong");
    if (bid.wonTonnes !== wonBy.get(bid.digest)?.wonTonnes) faults.add("allocation-wrong");
  }
  if (given.demandedTonnes !== right.demandedTonnes) faults.add("demand-wrong");
  if (given.clearingPrice !== right.clearingPrice || given.voidReason !== right.voidReason)
    faults.add("clearing-wrong");
  return [...faults];
}

function faultOf(terms: AuctionTerms, seed: string, bids: readonly Bid[], hash: Hash): AuctionFault | null {
  if (terms.offeredTonnes <= 0n || terms.reservePrice < 0n) return "terms-invalid";
  if (!WORD.test(seed)) return "seed-invalid";
  if (hash(seed) !== terms.seedHash) return "seed-not-committed";
  if (!bids.every(({ digest, price, tonnes }) => WORD.test(digest) && price > 0n && tonnes > 0n)) return "bid-invalid";
  return new Set(bids.map(({ digest }) => digest)).size === bids.length ? null : "bid-twice";
}

const tieKeyOf = (seed: string, digest: string, hash: Hash): string => hash(seed + digest.slice(2));

function byRank(a: Bid & { tieKey: string }, b: Bid & { tieKey: string }): number {
  if (a.price !== b.price) return a.price > b.price ? -1 : 1;
  return a.tieKey < b.tieKey ? -1 : 1;
}

const demandOf = (bids: readonly Bid[]): bigint => bids.reduce((sum, { tonnes }) => sum + tonnes, 0n);

/** The price of the bid with which the sum, from the top, reaches the offer. */
function clear(
  { offeredTonnes, reservePrice }: AuctionTerms,
  ranked: readonly Bid[],
): { price: bigint | null; reason: VoidReason | null } {
  let sum = 0n;
  for (const { price, tonnes } of ranked) {
    sum += tonnes;
    if (sum < offeredTonnes) continue;
    return price < reservePrice ? { price: null, reason: "below-reserve" } : { price, reason: null };
  }
  return { price: null, reason: "undersubscribed" };
}
