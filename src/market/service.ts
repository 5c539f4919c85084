import type { Idempotency } from "../db/idempotency.js";
import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import { toInteger } from "../integers.js";
import type { Intents } from "../intents/service.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import { mayReadParticipant, visibleParticipant, type Principal } from "../principal.js";
import type { MarketHost } from "./host.js";
import type { OrderIntake, Replacement, Verdict } from "./intake.js";
import type { ManagedOrders, MarketSide, ReservationView } from "./ports.js";
import {
  findOrders,
  isSealed,
  listOrders,
  listOwnTrades,
  viewOfRecord,
  type OrderListFilter,
  type OrderView,
  type OwnTradeView,
  type TradeListFilter,
} from "./reads.js";
import type { IncomingOrder, OrderConditions } from "./rules.js";
import type { ManagedTerms, MassCancellationJson, OrderCancellationJson, SignedIntent } from "./schemas.js";

export interface OrdersOptions {
  readonly db: Db;
  readonly host: MarketHost;
  readonly intake: OrderIntake;
  readonly managed: ManagedOrders;
  readonly intents: Pick<Intents, "acceptSigned">;
}

/** One order: signed, or to be signed for a managed account. */
export type OrderBody = IncomingOrder | (OrderConditions & ManagedTerms);

/** How one order of several was judged. */
export type PlacedItem =
  | { readonly order: OrderView; readonly isNew: boolean; readonly problem: null }
  | { readonly order: null; readonly isNew: false; readonly problem: Problem };

/** Orders of firms, as the API has them. Each answer is durable before it is given. */
export interface Orders {
  /** @throws Problem */
  place(body: OrderBody, principal: Principal): Promise<{ readonly order: OrderView; readonly isNew: boolean }>;
  /** Each is judged by itself. */
  placeMany(orders: readonly IncomingOrder[]): Promise<PlacedItem[]>;
  /** Puts an order in the place of another, in one step. @throws Problem `order-not-open`, `order-changed`, and like `place` */
  replace(
    id: string,
    body: OrderBody,
    principal: Principal,
  ): Promise<{ readonly order: OrderView; readonly isNew: boolean }>;
  /** Takes an order off its board; with a signed intent on the chain, too. @throws Problem */
  cancel(
    id: string,
    principal: Principal,
    signed?: SignedIntent<OrderCancellationJson>,
    idempotency?: Idempotency,
  ): Promise<OrderView>;
  /** @returns how many left the boards. @throws Problem */
  cancelAll(principal: Principal, filter: CancelFilter, signed?: SignedIntent<MassCancellationJson>): Promise<number>;
  order(id: string, principal: Principal): Promise<OrderView>;
  orders(principal: Principal, filter: OrderListFilter, page: PageRequest): Promise<Page<OrderView>>;
  ownTrades(principal: Principal, filter: TradeListFilter, page: PageRequest): Promise<Page<OwnTradeView>>;
  reservations(principal: Principal, account: string): Promise<ReservationView[]>;
  nextNonce(account: string, batch: string): Promise<number>;
}

export interface CancelFilter {
  readonly batch?: string | undefined;
  readonly side?: MarketSide | undefined;
  readonly account?: string | undefined;
}

export function createOrders({ db, host, intake, managed, intents }: OrdersOptions): Orders {
  async function signed(body: OrderBody, principal: Principal): Promise<IncomingOrder> {
    if ("signature" in body) return body;
    await host.ready();
    const { account, nonce, ...rest } = body;
    const { batch, side, tonnes, minimumTonnes, limitPrice, maximumFeeBasisPoints, expiresAt, ...conditions } = rest;
    const terms = { batch, side, tonnes, minimumTonnes, limitPrice, maximumFeeBasisPoints, expiresAt };
    return { ...conditions, ...(await managed.sign(principal, account ?? null, terms, nonce ?? null)) };
  }

  async function place(body: OrderBody, principal: Principal, replacement?: Replacement) {
    const incoming = await signed(body, principal);
    const [verdict] = await intake.place([incoming], replacement);
    const [item] = await itemsOf([incoming], verdict === undefined ? [] : [verdict]);
    if (item === undefined) throw new RangeError("An order without a verdict");
    if (item.problem !== null) throw item.problem;
    return { order: item.order, isNew: item.isNew };
  }

  async function itemsOf(incoming: readonly IncomingOrder[], verdicts: readonly Verdict[]): Promise<PlacedItem[]> {
    const known = await find(verdicts.flatMap((verdict) => (verdict.status === "known" ? [verdict.hash] : [])));
    return verdicts.map((verdict, place): PlacedItem => {
      if (verdict.status === "accepted") return { order: viewOfRecord(verdict.record), isNew: true, problem: null };
      if (verdict.status === "refused") return { order: null, isNew: false, problem: verdict.problem };
      const order = known.get(verdict.hash);
      // Who knows the signature is the one who sent it, or was shown it.
      return order !== undefined && order.signature === incoming[place]?.signature
        ? { order, isNew: false, problem: null }
        : { order: null, isNew: false, problem: verdict.problem };
    });
  }

  /** As young as memory has them. */
  async function find(hashes: readonly string[]): Promise<Map<string, OrderView>> {
    if (hashes.length === 0) return new Map();
    const found = new Map<string, OrderView>();
    const stored: string[] = [];
    for (const hash of hashes) {
      const record = host.openByHash(hash) ?? host.pending(hash);
      if (record === undefined) stored.push(hash);
      else found.set(hash, viewOfRecord(record));
    }
    if (stored.length > 0) for (const [hash, view] of await findOrders(db, stored)) found.set(hash, view);
    return found;
  }

  async function present(id: string): Promise<OrderView> {
    const order = (await find([id])).get(id);
    if (order === undefined) throw new Problem("not-found", `There is no order ${id}.`);
    return order;
  }

  async function visible(id: string, principal: Principal): Promise<OrderView> {
    const order = await present(id);
    const isOwn = principal.kind === "key" && principal.participantId === order.participantId;
    if (isOwn || (mayReadParticipant(principal, order.participantId) && !isSealed(order))) return order;
    throw new Problem("not-found", `There is no order ${id}.`);
  }

  return {
    place: (body, principal) => place(body, principal),

    async placeMany(incoming) {
      return itemsOf(incoming, await intake.place(incoming));
    },

    async replace(id, body, principal) {
      await host.ready();
      const old = host.openByHash(id);
      // Whoever signs for the same account may replace; otherwise the key must be the owner's.
      if (!("signature" in body)) checkOwner(await present(id), principal);
      if (old === undefined) throw notOpen(await present(id));
      return place(body, principal, { old });
    },

    async cancel(id, principal, signedIntent, idempotency) {
      await host.ready();
      const order = await present(id);
      if (signedIntent === undefined) checkOwner(order, principal);
      else await cancelOnChain(order, signedIntent, idempotency);
      const record = host.openByHash(id);
      if (record !== undefined) await host.submit({ kind: "cancel", number: record.number, reason: "cancelled" });
      else if (signedIntent === undefined) throw notOpen(order);
      // It may have been filled while the cancellation was on its way into the log.
      const after = await present(id);
      if (after.status !== "cancelled" && signedIntent === undefined) throw notOpen(after);
      return after;
    },

    async cancelAll(principal, filter, signedIntent) {
      await host.ready();
      if (signedIntent !== undefined) {
        const { intent, signature } = signedIntent;
        await intents.acceptSigned({ kind: "mass-cancellation", json: intent }, signature, undefined);
        const beforeNonce = Math.min(Number.MAX_SAFE_INTEGER, toNonce(intent.beforeNonce));
        return host.cancelAll({ account: intent.account, beforeNonce }, "cancelled-on-chain");
      }
      return host.cancelAll({ ...filter, participantId: ownerOf(principal) }, "mass-cancelled");
    },

    order: visible,

    async orders(principal, filter, page) {
      await host.flushed();
      const participantId = visibleParticipant(principal, filter.participantId);
      const withoutSealed = principal.kind === "key" && principal.scope !== "participant";
      return listOrders(db, { ...filter, participantId, withoutSealed }, page);
    },

    async ownTrades(principal, filter, page) {
      await host.flushed();
      return listOwnTrades(db, ownerOf(principal), filter, page);
    },

    async reservations(principal, account) {
      await host.facts.load([account]);
      const participantId = host.facts.account(account)?.participantId ?? null;
      if (!mayReadParticipant(principal, participantId)) throw new Problem("forbidden");
      return host.reservations.list(account);
    },

    async nextNonce(account, batch) {
      await host.ready();
      const pair = { account, batch };
      await Promise.all([host.nonces.load([pair]), host.facts.load([account])]);
      return host.nonces.next(pair, host.facts.account(account)?.firstValidNonce ?? 0, false);
    },
  };

  async function cancelOnChain(
    order: OrderView,
    { intent, signature }: SignedIntent<OrderCancellationJson>,
    idempotency: Idempotency | undefined,
  ): Promise<void> {
    const { account, batch, nonce } = order;
    if (intent.account !== account || intent.batch !== batch || intent.orderNonce !== nonce) {
      throw new Problem("validation-failed", "The intent cancels another order than the one that is named.", {
        evidence: { order: order.id, account, batch, nonce },
      });
    }
    await intents.acceptSigned({ kind: "order-cancellation", json: intent }, signature, idempotency);
  }
}

function toNonce(text: string): number {
  return text.length > 10 ? Number.MAX_SAFE_INTEGER : toInteger(text);
}

function ownerOf(principal: Principal): number {
  if (principal.kind === "anonymous") throw new Problem("unauthorized");
  if (principal.scope === "participant" && principal.participantId !== null) return principal.participantId;
  throw new Problem("forbidden", "Only a participant's own key acts on its orders.");
}

/** Strangers do not learn whether there is such an order. */
function checkOwner(order: OrderView, principal: Principal): void {
  if (ownerOf(principal) !== order.participantId) throw new Problem("not-found", `There is no order ${order.id}.`);
}

function notOpen({ id, status, reason }: OrderView): Problem {
  return new Problem("order-not-open", `The order is ${status}.`, { evidence: { order: id, status, reason } });
}
