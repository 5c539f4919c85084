import { randomBytes } from "node:crypto";

import { keccak256 } from "../chain/keccak.js";
import type { Db } from "../db/connection.js";
import type { JsonObject } from "../db/inbox-tables.js";
import { Problem } from "../errors.js";
import { toInteger } from "../integers.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import type {
  Clock,
  ManagedOrders,
  MarketRules,
  Reservations,
  SealedOrders,
  SignedOrderJson,
  TradeDesk,
  TradingRights,
} from "../market/ports.js";
import type { Principal } from "../principal.js";
import { createClosing } from "./closing.js";
import { checkAuctionOrder, checkBidOrder, checkBidTime, checkTimes, SETTLEMENT_SECONDS, type Times } from "./rules.js";
import { cancelBid, countBids, findBid, insertBid, listBids, type BidRecord } from "./bid-store.js";
import {
  dueAuctions,
  findAuction,
  findSignedOrder,
  insertAuction,
  listAuctions,
  transcriptOf,
  unconcludedOrders,
  type AuctionFilter,
  type AuctionRecord,
} from "./store.js";

/** Terms of an order that the service signs for a managed account. */
export interface ManagedTerms {
  readonly account?: string | null | undefined;
  readonly tonnes: string;
  /** Of an auction: the reserve; of a bid: the highest price. Per tonne. */
  readonly price: string;
  readonly maximumFeeBasisPoints: string;
  readonly nonce?: string | null | undefined;
}

export type Announcement = Times & (SignedOrderJson | (ManagedTerms & { readonly batch: string }));
export type Bid = SignedOrderJson | ManagedTerms;

/** What was accepted, and whether it was new. */
export interface Accepted<Record> {
  readonly record: Record;
  readonly isNew: boolean;
}

/**
 * Auctions at one price, for primary sales: one sealed round. The seller's signed order is the offer, its limit the reserve. Nobody but
 * the bidder sees a bid before the close; equal prices are told apart by a seed that was committed to before the first bid.
 */
export interface Auctions {
  /** Durable when it resolves; the seller's tonnes are reserved. The same order again is the same auction. @throws Problem */
  announce(body: Announcement, principal: Principal): Promise<Accepted<AuctionRecord>>;
  /** Durable when it resolves; the bidder's cash is reserved. The same bid again is the same bid. @throws Problem */
  bid(id: string, body: Bid, principal: Principal): Promise<Accepted<BidRecord>>;
  /** Takes a bid back, before the close. @throws Problem */
  cancelBid(id: string, hash: string, principal: Principal): Promise<BidRecord>;
  /** By the seller before it opens, by the exchange operator before it closes: everything is released. @throws Problem */
  callOff(id: string, principal: Principal): Promise<AuctionRecord>;
  /** Ends an auction whose time has come; one that has ended stays as it is. @throws Problem `auction-not-ended` */
  close(id: string): Promise<AuctionRecord>;
  /** Ends all whose time has come. */
  closeDue(): Promise<void>;
  /** @throws Problem `not-found` */
  auction(id: string): Promise<AuctionRecord>;
  list(filter: AuctionFilter, page: PageRequest): Promise<Page<AuctionRecord>>;
  /** The bids of the key's own participant. */
  ownBids(id: string, principal: Principal, page: PageRequest): Promise<Page<BidRecord>>;
  /** @throws Problem `not-found`, also for whoever is not its bidder */
  ownBid(id: string, hash: string, principal: Principal): Promise<BidRecord>;
  /** What anyone can check the result by. @throws Problem `auction-not-ended` */
  transcript(id: string): Promise<JsonObject>;
  /** Finishes what a stop has interrupted. Before anything is accepted. */
  restore(): Promise<void>;
}

export interface AuctionsOptions {
  readonly db: Db;
  readonly sealed: SealedOrders;
  readonly managed: ManagedOrders;
  /** Resolves once the markets take orders. @throws Problem `market-unavailable` */
  readonly ready: () => Promise<void>;
  readonly desk: TradeDesk;
  readonly rules: MarketRules;
  readonly rights: TradingRights;
  readonly reservations: Pick<Reservations, "shortfall">;
  /** The highest fee that what is agreed at an instant (Unix milliseconds) may have to pay, in basis points. */
  readonly feeAt: (at: number) => number;
  readonly clock: Clock;
}

/** The most bids of one auction: what a close reckons with at once. */
const MAX_BIDS = 10_000;
const SEED_BYTES = 32;

export function createAuctions(options: AuctionsOptions): Auctions {
  const { db, sealed, managed, rules, clock } = options;
  const closing = createClosing(options);
  const seconds = (): bigint => BigInt(clock.now()) / 1_000n;

  async function present(id: string): Promise<AuctionRecord> {
    const found = await findAuction(db, id);
    if (found === undefined) throw new Problem("not-found", `There is no auction ${id}.`);
    return found;
  }

  async function presentBid(id: string, hash: string, isReadable: (bid: BidRecord) => boolean): Promise<BidRecord> {
    const found = await findBid(db, id, hash);
    if (found === undefined || !isReadable(found)) throw new Problem("not-found", `There is no bid ${hash} of yours.`);
    return found;
  }

  /** Who sends what was accepted before, with its signature, is told what became of it. */
  async function admit(signed: SignedOrderJson, settlesBy: bigint, write: Parameters<SealedOrders["admit"]>[2]) {
    try {
      return { hash: await sealed.admit(signed, toInteger(settlesBy), write), isNew: true };
    } catch (error) {
      const isKnown = error instanceof Problem && error.code === "order-nonce-used";
      const hash = isKnown ? await findSignedOrder(db, signed) : undefined;
      if (hash === undefined) throw error;
      return { hash, isNew: false };
    }
  }

  async function announce(body: Announcement, principal: Principal): Promise<Accepted<AuctionRecord>> {
    await options.ready();
    checkTimes(body, seconds());
    const settlesBy = body.closesAt + SETTLEMENT_SECONDS;
    const signed =
      "signature" in body
        ? body
        : await managed.sign(
            principal,
            body.account ?? null,
            orderOf(body, "sell", body.batch, settlesBy),
            body.nonce ?? null,
          );
    const { order } = signed;
    if (rules.instrument(order.batch) === undefined)
      throw new Problem("instrument-unknown", `${order.batch} is not traded here.`, {
        evidence: { batch: order.batch },
      });
    checkAuctionOrder(order, settlesBy);
    const sellerParticipantId = await options.rights.check(order.account, order.batch);

    const seed = `0x${randomBytes(SEED_BYTES).toString("hex")}`;
    const { hash, isNew } = await admit(signed, settlesBy, (trx, id) =>
      insertAuction(trx, {
        id,
        batch: order.batch,
        seller: order.account,
        sellerParticipantId,
        tonnes: BigInt(order.tonnes),
        reservePrice: BigInt(order.limitPrice),
        opensAt: body.opensAt,
        closesAt: body.closesAt,
        seed,
        seedCommitment: keccak256(seed),
      }),
    );
    return { record: await present(hash), isNew };
  }

  async function bid(id: string, body: Bid, principal: Principal): Promise<Accepted<BidRecord>> {
    await options.ready();
    const auction = await present(id);
    checkBidTime(auction, seconds());
    const settlesBy = auction.closesAt + SETTLEMENT_SECONDS;
    const signed =
      "signature" in body
        ? body
        : await managed.sign(
            principal,
            body.account ?? null,
            orderOf(body, "buy", auction.batch, settlesBy),
            body.nonce ?? null,
          );
    checkBidOrder(signed.order, auction, settlesBy);
    const participantId = await options.rights.check(signed.order.account, auction.batch);
    if (participantId === auction.sellerParticipantId)
      throw new Problem("auction-own-bid", undefined, { evidence: { participantId } });
    if ((await countBids(db, id)) >= MAX_BIDS)
      throw new Problem("auction-bid-limit", undefined, { evidence: { limit: MAX_BIDS } });

    const { hash, isNew } = await admit(signed, settlesBy, async (trx, digest) => {
      checkBidTime(auction, seconds());
      if (!(await insertBid(trx, id, digest))) throw new Problem("auction-closed");
    });
    return { record: await presentBid(id, hash, () => true), isNew };
  }

  return {
    announce,
    bid,

    async cancelBid(id, hash, principal) {
      await options.ready();
      const auction = await present(id);
      const isOwn = (found: BidRecord): boolean => isParticipant(principal, found.participantId);
      const found = await presentBid(id, hash, isOwn);
      if (found.status === "cancelled") return found;
      if (seconds() >= auction.closesAt) throw new Problem("auction-closed");
      if (!(await db.transaction().execute((trx) => cancelBid(trx, id, hash)))) throw new Problem("auction-closed");
      await sealed.conclude(hash, 0, "cancelled");
      return presentBid(id, hash, isOwn);
    },

    async callOff(id, principal) {
      await options.ready();
      const auction = await present(id);
      const isOperator = principal.kind === "key" && principal.role === "exchange-operator";
      const isSeller = isParticipant(principal, auction.sellerParticipantId);
      if (!isOperator && !isSeller) throw new Problem("forbidden", "The seller or the exchange operator calls it off.");
      const limit = isOperator ? auction.closesAt : auction.opensAt;
      if (auction.status !== "open" || seconds() >= limit) throw new Problem("auction-started");
      await closing.callOff(auction);
      return present(id);
    },

    async close(id) {
      await options.ready();
      const auction = await present(id);
      if (auction.status !== "open") return auction;
      if (seconds() < auction.closesAt) throw new Problem("auction-not-ended");
      await closing.close(auction);
      return present(id);
    },

    async closeDue() {
      await options.ready();
      for (const id of await dueAuctions(db, seconds())) await closing.close(await present(id));
    },

    auction: present,
    list: (filter, page) => listAuctions(db, filter, page),

    async ownBids(id, principal, page) {
      await present(id);
      if (principal.kind !== "key" || principal.participantId === null)
        throw new Problem("forbidden", "Bids are their bidder's to see: use the participant's own key.");
      return listBids(db, id, principal.participantId, page);
    },

    ownBid: (id, hash, principal) => presentBid(id, hash, (found) => isParticipant(principal, found.participantId)),

    async transcript(id) {
      const { status } = await present(id);
      const found = await transcriptOf(db, id);
      if (found !== null) return found;
      if (status === "cancelled")
        throw new Problem("not-found", "The auction was called off: there is nothing to check.");
      throw new Problem("auction-not-ended");
    },

    async restore() {
      for (const { hash, filledTonnes, isCancelled } of await unconcludedOrders(db))
        await sealed.conclude(hash, toInteger(filledTonnes), isCancelled ? "cancelled" : "not-allotted");
    },
  };
}

function orderOf(terms: ManagedTerms, side: "buy" | "sell", batch: string, settlesBy: bigint) {
  const { tonnes, price, maximumFeeBasisPoints } = terms;
  const expiresAt = settlesBy.toString();
  return { batch, side, tonnes, minimumTonnes: "0", limitPrice: price, maximumFeeBasisPoints, expiresAt };
}

function isParticipant(principal: Principal, participantId: number): boolean {
  return principal.kind === "key" && principal.scope === "participant" && principal.participantId === participantId;
}
