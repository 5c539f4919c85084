import { Problem } from "../errors.js";
import { toInteger } from "../integers.js";
import { tradeIdOf } from "../market/money.js";
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
    const sellerRefusal = refusalOf(auction, await problemOf(auction.seller, batch, batch));
    if (sellerRefusal !== undefined) return endWithout("void", `seller-${sellerRefusal}`);

    const problems = new Map<string, string | undefined>();
    for (const { account } of bids)
      if (!problems.has(account)) problems.set(account, await problemOf(account, batch, CASH));
    const excluded: Excluded[] = [];
    const eligible: BidRecord[] = [];
    for (const bid of bids) {
      const reason = refusalOf(bid, problems.get(bid.account));
      if (reason === undefined) eligible.push(bid);
      else excluded.push({ digest: bid.hash, reason });
    }
    return clear(auction, eligible, excluded);
  }

  /** The code of why an account may not trade a batch now, or could not deliver; undefined: neither. */
  async function problemOf(account: string, batch: string, asset: string): Promise<string | undefined> {
    return (await refusalOfRights(rights, account, batch)) ?? (await refusalOfFunds(account, asset));
  }

  /** What its orders bind may have left the account: as by a withdrawal that was asked for on the chain. A trade may be in the position already. */
  async function refusalOfFunds(account: string, asset: string): Promise<string | undefined> {
    const { amount, leaving } = await reservations.available(account, asset);
    const promised = reservations
      .list(account)
      .filter((view) => view.asset === asset && !view.key.startsWith("trade:"))
      .reduce((sum, view) => sum + view.amount, 0n);
    return promised > amount - leaving ? "position-insufficient" : undefined;
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
