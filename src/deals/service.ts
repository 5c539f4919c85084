import type { Connection } from "../chain/connection.js";
import type { DealJson } from "../chain/orders.js";
import type { Signers } from "../chain/signers.js";
import type { Db } from "../db/connection.js";
import type { DealSide } from "../db/deal-tables.js";
import { Problem } from "../errors.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import type { AgreedTrade, Clock, MarketRules, Reservations, TradeDesk, TradingRights } from "../market/ports.js";
import { mayReadParticipant, type Principal } from "../principal.js";
import { createParties, other } from "./parties.js";
import { reservationOf } from "./reservations.js";
import { amountsOf, checkLife, SETTLEMENT_SECONDS } from "./rules.js";
import {
  cancelDeal,
  cancelRevokedDeals,
  confirmDeal,
  expireDeals,
  findDeal,
  insertDeal,
  listDeals,
  reportedDeals,
  type DealFilter,
  type DealRecord,
} from "./store.js";

/** A deal with the signature of the party that reports it. */
export interface SignedReport {
  readonly deal: DealJson;
  readonly signature: string;
  readonly reportedBy: DealSide;
}

/** A deal that the service signs for a managed account. */
export interface ManagedReport {
  readonly account?: string | null | undefined;
  readonly side: DealSide;
  readonly counterparty: string;
  readonly batch: string;
  readonly tonnes: string;
  readonly price: string;
  readonly maximumFeeBasisPoints: string;
  readonly expiresAt: string;
  readonly nonce?: string | null | undefined;
}

export type Confirmation = { readonly signature: string } | { readonly account?: string | null | undefined };

/** A report, and whether it was new. */
export interface Reported {
  readonly deal: DealRecord;
  readonly isNew: boolean;
}

/**
 * Deals that two members agreed elsewhere (common put-through): one reports, the other confirms, both sign the same words. What the
 * reporter needs is reserved from the report on, so that a confirmation makes a trade that can settle.
 */
export interface Deals {
  /** Durable when it resolves. The same report again is the same deal. @throws Problem */
  report(body: SignedReport | ManagedReport, principal: Principal): Promise<Reported>;
  /** By the other party; the deal is a trade then. @throws Problem */
  confirm(hash: string, body: Confirmation, principal: Principal): Promise<DealRecord>;
  /** By either party, before it is confirmed: the reporter takes it back, the other one turns it down. @throws Problem */
  cancel(hash: string, principal: Principal): Promise<DealRecord>;
  /** @throws Problem `not-found`, also for whoever is no party of it */
  deal(hash: string, principal: Principal): Promise<DealRecord>;
  /** A participant's own; all for institutions and auditors. */
  list(filter: DealFilter, principal: Principal, page: PageRequest): Promise<Page<DealRecord>>;
  /** Ends what was not confirmed in time, and what a party has cancelled on the chain. */
  sweep(): Promise<void>;
  /** Reserves again what open deals need. Before anything is accepted. */
  restore(): Promise<void>;
}

export interface DealsOptions {
  readonly db: Db;
  readonly signers: Pick<Signers, "signerOf">;
  /** Asked only about accounts that are contracts. */
  readonly connection: Pick<Connection, "getCode" | "call">;
  readonly hashDeal: (deal: DealJson) => string;
  /** The managed account that a principal acts with. @throws Problem */
  readonly managedAccountOf: (principal: Principal, asked: string | null) => Promise<string>;
  readonly reservations: Reservations;
  readonly desk: TradeDesk;
  readonly rules: MarketRules;
  readonly rights: TradingRights;
  /** The highest fee that what is agreed at an instant (Unix milliseconds) may have to pay, in basis points; known once `rights` has checked an account. */
  readonly feeAt: (at: number) => number;
  readonly clock: Clock;
  /** Resolves once the markets are restored. @throws Problem `market-unavailable` */
  readonly ready: () => Promise<void>;
}

export function createDeals(options: DealsOptions): Deals {
  const { db, reservations, clock, hashDeal } = options;
  const parties = createParties(options);

  /** @returns the participants of seller and buyer. @throws Problem when the deal could not be traded at this moment */
  async function check(deal: DealJson): Promise<[number, number]> {
    const at = clock.now();
    checkMarket(deal, options.rules, at);
    const ids = await checkParties(deal, options.rights);
    checkFee(deal, options.feeAt(at));
    return ids;
  }

  async function report(body: SignedReport | ManagedReport, principal: Principal): Promise<Reported> {
    await options.ready();
    const { deal, side, sign } = await parties.reporting(body, principal);
    const [sellerParticipantId, buyerParticipantId] = await check(deal);
    const hash = hashDeal(deal);
    const signature = await sign(hash);

    const known = await findDeal(db, hash);
    if (known !== undefined) return { deal: repeated(known, side), isNew: false };
    const { key, account, asset, amount } = reservationOf(hash, deal, side);
    await reservations.reserve(key, account, asset, amount);
    const isNew = await insertDeal(db, {
      hash,
      deal,
      sellerParticipantId,
      buyerParticipantId,
      reportedBy: side,
      signature,
    }).catch((error: unknown) => {
      reservations.release(key, amount);
      throw error;
    });
    if (!isNew) reservations.release(key, amount);
    return { deal: repeated(await present(hash), side), isNew };
  }

  async function confirm(hash: string, body: Confirmation, principal: Principal): Promise<DealRecord> {
    await options.ready();
    for (const revoked of await cancelRevokedDeals(db)) releaseReport(revoked);
    const record = await present(hash);
    const { deal, reportedBy } = record;
    const side = other(reportedBy);
    const signature = await parties.confirming(record, body, principal);
    checkOpen(record);
    await check(deal);

    const { key, account, asset, amount } = reservationOf(hash, deal, side);
    await reservations.reserve(key, account, asset, amount);
    try {
      await settle(record, side, signature, options);
    } catch (error) {
      reservations.release(key, amount);
      throw error;
    }
    return present(hash);
  }

  async function present(hash: string): Promise<DealRecord> {
    const found = await findDeal(db, hash);
    if (found === undefined) throw notFound(hash);
    return found;
  }

  function releaseReport(hash: string): void {
    for (const side of ["units", "cash"]) reservations.release(`deal:${hash}:${side}`);
  }

  return {
    report,
    confirm,

    async cancel(hash, principal) {
      await options.ready();
      const record = await present(hash);
      const side = parties.sideOf(record, principal);
      if (side === undefined) throw notFound(hash);
      checkOpen(record);
      if (!(await cancelDeal(db, hash, side))) throw notOpen(await present(hash));
      releaseReport(hash);
      return present(hash);
    },

    async deal(hash, principal) {
      const record = await present(hash);
      const isReadable = [record.sellerParticipantId, record.buyerParticipantId].some((id) =>
        mayReadParticipant(principal, id),
      );
      if (!isReadable) throw notFound(hash);
      return record;
    },

    async list(filter, principal, page) {
      const isOwnOnly = principal.kind === "key" && principal.scope === "participant";
      return listDeals(db, { ...filter, participantId: isOwnOnly ? (principal.participantId ?? 0) : undefined }, page);
    },

    async sweep() {
      await options.ready();
      const now = BigInt(clock.now()) / 1_000n;
      for (const hash of await expireDeals(db, now + SETTLEMENT_SECONDS)) releaseReport(hash);
      for (const hash of await cancelRevokedDeals(db)) releaseReport(hash);
    },

    async restore() {
      for (const { hash, deal, reportedBy } of await reportedDeals(db)) {
        const { key, account, asset, amount } = reservationOf(hash, deal, reportedBy);
        reservations.hold(key, account, asset, amount);
      }
    },
  };
}

/** Both have signed: deal and trade become durable together, and what was reserved for the one is reserved for the other. */
async function settle(
  record: DealRecord,
  by: DealSide,
  signature: string,
  { db, desk, reservations, clock }: Pick<DealsOptions, "db" | "desk" | "reservations" | "clock">,
): Promise<void> {
  const { hash } = record;
  const trade = tradeOf(record, by, signature, clock.now());
  const isConfirmed = await db.transaction().execute(async (trx) => {
    if (!(await confirmDeal(trx, hash, by, signature))) return false;
    await desk.write(trx, [trade]);
    return true;
  });
  if (!isConfirmed) throw new Problem("deal-not-open", undefined, { evidence: { deal: hash } });

  reservations.release(`deal:${hash}:units`);
  reservations.release(`deal:${hash}:cash`);
  desk.agreed([trade]);
}

function tradeOf(record: DealRecord, by: DealSide, signature: string, matchedAt: number): AgreedTrade {
  const { hash, deal, sellerParticipantId, buyerParticipantId } = record;
  const { tonnes, price, maximumFee } = amountsOf(deal);
  const signatures = { seller: record.sellerSignature, buyer: record.buyerSignature, [by]: signature };
  return {
    id: hash,
    batch: deal.batch,
    mode: "deal",
    takerHash: hash,
    makerHash: hash,
    buyer: deal.buyer,
    seller: deal.seller,
    buyerParticipantId,
    sellerParticipantId,
    tonnes,
    price,
    aggressor: null,
    buyerMaximumFee: maximumFee,
    sellerMaximumFee: maximumFee,
    deal: { deal, sellerSignature: signatures.seller, buyerSignature: signatures.buyer },
    matchedAt,
  };
}

/** @throws Problem when the deal could not be traded at this moment */
function checkMarket(deal: DealJson, rules: MarketRules, at: number): void {
  const { price, expiresAt } = amountsOf(deal);
  if (rules.instrument(deal.batch) === undefined) {
    throw new Problem("instrument-unknown", `${deal.batch} is not traded here.`, { evidence: { batch: deal.batch } });
  }
  checkLife(expiresAt, at);
  const refusal = rules.refusalOfTime(deal.batch, at) ?? rules.refusalOfPrice(deal.batch, BigInt(price), at);
  if (refusal !== undefined) throw refusal;
}

/** @returns the participants of seller and buyer. @throws Problem */
async function checkParties({ seller, buyer, batch }: DealJson, rights: TradingRights): Promise<[number, number]> {
  const ids = [await rights.check(seller, batch), await rights.check(buyer, batch)] as [number, number];
  if (ids[0] === ids[1]) throw new Problem("deal-own-sides", undefined, { evidence: { participantId: ids[0] } });
  return ids;
}

/** @throws Problem `deal-fee-too-low` */
function checkFee(deal: DealJson, fee: number): void {
  if (amountsOf(deal).maximumFee >= fee) return;
  const evidence = { maximumFeeBasisPoints: deal.maximumFeeBasisPoints, feeBasisPoints: fee.toString() };
  throw new Problem("deal-fee-too-low", undefined, { evidence });
}

function repeated(known: DealRecord, side: DealSide): DealRecord {
  if (known.reportedBy === side) return known;
  throw new Problem("deal-known", undefined, { evidence: { deal: known.hash, reportedBy: known.reportedBy } });
}

function checkOpen(record: DealRecord): void {
  if (record.status !== "reported") throw notOpen(record);
}

function notOpen({ hash, status }: DealRecord): Problem {
  return new Problem("deal-not-open", `The deal is ${status}.`, { evidence: { deal: hash, status } });
}

function notFound(hash: string): Problem {
  return new Problem("not-found", `There is no deal ${hash}.`);
}
