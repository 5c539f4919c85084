import { Problem } from "../errors.js";
import { toInteger } from "../integers.js";
import { costOf, tradeIdOf } from "../market/money.js";
import { CASH, type AgreedTrade, type RemovalReason, type TradingRights } from "../market/ports.js";
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

/** Why a bid, or the offer, takes no part: money or units have left the position that was to pay or deliver. */
const UNCOVERED = "position-insufficient";

type ClosingOptions = Pick<AuctionsOptions, "db" | "sealed" | "desk" | "rights" | "reservations" | "feeAt" | "clock">;

export function createClosing({ db, sealed, desk, rights, reservations, feeAt, clock }: ClosingOptions): Closing {
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

  /** What matches can settle: who may not trade any more, can not, or does not allow the fee takes no part. */
  async function endOf(auction: AuctionRecord, bids: readonly BidRecord[]): Promise<AuctionEnd> {
    const { batch } = auction;
    const fee = feeAt(clock.now());
    const refusalOf = (order: AuctionRecord | BidRecord, problem: string | undefined): string | undefined => {
      if (!order.isOrderOpen) return "order-void";
      return problem ?? (order.maximumFee < fee ? "order-fee-too-low" : undefined);
    };
    const sellerRefusal = refusalOf(auction, await refusalOfRights(rights, auction.seller, batch));
    if (sellerRefusal !== undefined) return endWithout("void", `seller-${sellerRefusal}`);
    if ((await reservations.shortfall(auction.seller, batch)) > 0n) return endWithout("void", `seller-${UNCOVERED}`);

    const excluded: Excluded[] = [];
    const eligible: BidRecord[] = [];
    for (const [account, own] of Map.groupBy(bids, (bid) => bid.account)) {
      const problem = await refusalOfRights(rights, account, batch);
      // What bids bind may have left the account, as by a withdrawal that was asked for on the chain.
      let missing = await reservations.shortfall(account, CASH);
      const standing: BidRecord[] = [];
      for (const bid of own) {
        const reason = refusalOf(bid, problem);
        if (reason === undefined) standing.push(bid);
        else {
          excluded.push({ digest: bid.hash, reason });
          missing -= boundBy(bid);
        }
      }
      // Then the latest go first, as orders do in the book.
      for (let bid = standing.at(-1); bid !== undefined && missing > 0n; bid = standing.at(-1)) {
        excluded.push({ digest: bid.hash, reason: UNCOVERED });
        missing -= boundBy(bid);
        standing.pop();
      }
      eligible.push(...standing);
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

/** Money that is bound for a bid. */
function boundBy({ tonnes, price, maximumFee }: BidRecord): bigint {
  return costOf(toInteger(tonnes), toInteger(price), maximumFee);
}

async function refusalOfRights(rights: TradingRights, account: string, batch: string): Promise<string | undefined> {
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
