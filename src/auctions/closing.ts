import { Problem } from "../errors.js";
import { toInteger } from "../integers.js";
import { tradeIdOf } from "../market/money.js";
import type { AgreedTrade, RemovalReason, TradingRights } from "../market/ports.js";
import { clear, endWithout, type Excluded } from "./clearing.js";
import type { AuctionsOptions } from "./service.js";
import { sealedBids, type BidRecord } from "./bid-store.js";
import { endAuction, lockOpen, type AuctionEnd, type AuctionRecord } from "./store.js";

export interface Closing {
  /** Clears an auction whose time has come. Exactly once, whoever else tries at the same moment. */
  close(auction: AuctionRecord): Promise<void>;
  /** Ends an auction without a result. */
  callOff(auction: AuctionRecord): Promise<void>;
}

type ClosingOptions = Pick<AuctionsOptions, "db" | "sealed" | "desk" | "rights" | "clock">;

export function createClosing({ db, sealed, desk, rights, clock }: ClosingOptions): Closing {
  /** @returns `changed` when a bid came or went while the result was reckoned */
  async function tryToClose(auction: AuctionRecord): Promise<"ended" | "changed"> {
    const bids = await sealedBids(db, auction.id);
    const end = await endOf(auction, bids);
    const trades = tradesOf(auction, bids, end, clock.now());
    const result = await db.transaction().execute(async (trx) => {
      if (!(await lockOpen(trx, auction.id))) return "ended-before";
      if (fingerprint(await sealedBids(trx, auction.id)) !== fingerprint(bids)) return "changed";
      await desk.write(trx, trades);
      await endAuction(trx, auction.id, end);
      return "ended";
    });
    if (result === "ended") {
      desk.agreed(trades);
      await release(auction, bids, end.allotments, "not-allotted");
    }
    return result === "changed" ? "changed" : "ended";
  }

  /** What matches can settle: who may not trade any more takes no part. */
  async function endOf(auction: AuctionRecord, bids: readonly BidRecord[]): Promise<AuctionEnd> {
    const sellerProblem = auction.isOrderOpen ? await problemOf(rights, auction.seller, auction.batch) : "order-void";
    if (sellerProblem !== undefined) return endWithout("void", `seller-${sellerProblem}`);

    const problems = new Map<string, string | undefined>();
    for (const { account } of bids)
      if (!problems.has(account)) problems.set(account, await problemOf(rights, account, auction.batch));
    const excluded: Excluded[] = [];
    const eligible: BidRecord[] = [];
    for (const bid of bids) {
      const reason = bid.isOrderOpen ? problems.get(bid.account) : "order-void";
      if (reason === undefined) eligible.push(bid);
      else excluded.push({ digest: bid.hash, reason });
    }
    return clear(auction, eligible, excluded);
  }

  /** Begins in the turn in which the trades were agreed, so that nothing is promised twice in between. */
  async function release(
    auction: AuctionRecord,
    bids: readonly BidRecord[],
    allotments: ReadonlyMap<string, bigint>,
    reason: RemovalReason,
  ): Promise<void> {
    const sold = [...allotments.values()].reduce((sum, tonnes) => sum + tonnes, 0n);
    const concluded = [
      sealed.conclude(auction.id, toInteger(sold), reason),
      ...bids.map(({ hash }) => sealed.conclude(hash, toInteger(allotments.get(hash) ?? 0n), reason)),
    ];
    await Promise.all(concluded);
  }

  return {
    async close(auction) {
      while ((await tryToClose(auction)) === "changed");
    },

    async callOff(auction) {
      const bids = await db.transaction().execute(async (trx) => {
        if (!(await lockOpen(trx, auction.id))) throw new Problem("auction-started");
        const found = await sealedBids(trx, auction.id);
        await endAuction(trx, auction.id, endWithout("cancelled", null));
        return found;
      });
      await release(auction, bids, new Map(), "cancelled");
    },
  };
}

/** The code of why an account may not trade a batch now; undefined: it may. */
async function problemOf(rights: TradingRights, account: string, batch: string): Promise<string | undefined> {
  try {
    await rights.check(account, batch);
    return undefined;
  } catch (error) {
    if (error instanceof Problem && !error.row.retryable) return error.code;
    throw error;
  }
}

/** Which bids, and which of them stand: what a clearing rests on. */
function fingerprint(bids: readonly BidRecord[]): string {
  return bids.map(({ hash, isOrderOpen: isOpen }) => `${hash}:${isOpen}`).join();
}

/** The seller's order takes every winning bid, all at one price, in the order of the clearing. */
function tradesOf(
  auction: AuctionRecord,
  bids: readonly BidRecord[],
  { clearingPrice, allotments }: AuctionEnd,
  matchedAt: number,
): AgreedTrade[] {
  const byHash = new Map(bids.map((bid) => [bid.hash, bid]));
  return [...allotments].flatMap(([hash, tonnes]) => {
    const bid = byHash.get(hash);
    if (bid === undefined || clearingPrice === null) return [];
    return [
      {
        id: tradeIdOf(auction.id, hash),
        batch: auction.batch,
        mode: "auction" as const,
        takerHash: auction.id,
        makerHash: hash,
        buyer: bid.account,
        seller: auction.seller,
        buyerParticipantId: bid.participantId,
        sellerParticipantId: auction.sellerParticipantId,
        tonnes: toInteger(tonnes),
        price: toInteger(clearingPrice),
        aggressor: null,
        buyerMaximumFee: bid.maximumFee,
        sellerMaximumFee: auction.maximumFee,
        matchedAt,
      },
    ];
  });
}
