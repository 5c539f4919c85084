import { id as hashOf } from "ethers";

import { dealOf, exchangeDomain, hashDeal, type DealJson } from "../../../src/chain/orders.js";
import type { FakeAnswer, SeenRequest } from "../../src/client/fake-service.js";

const LASTS_MS = 600_000;

export const SINGLE_APPROVAL_LIMIT = 5_000_000_000n;

interface Placed {
  readonly id: string;
  readonly account: string;
  status: string;
}

// Bodies are what the client sent.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Body = Readonly<Record<string, any>>;

/**
 * The exchange of a fake service: takes every order, deal, auction and bid, once, and nothing ever trades. What was taken stays when the
 * service is started again. An auction is open at once, and over when it has as many bids as it `waitsFor`.
 */
export function createFakeExchange(options: {
  readonly chainId: number;
  readonly address: string;
  /** The account of who asks. */
  readonly accountOf: (request: SeenRequest) => string;
  readonly waitsFor: number;
}) {
  const domain = exchangeDomain(BigInt(options.chainId), options.address);
  const orders = new Map<string, Placed & Body>();
  const deals = new Map<string, { id: string; status: string; deal: DealJson }>();
  const auctions = new Map<string, Body & { id: string; bids: Set<string> }>();
  const kept = { cancellations: 0, confirmations: 0 };

  function place(request: SeenRequest): FakeAnswer {
    const body = request.body as Body;
    const words: Body = body["order"] ?? { ...body, account: options.accountOf(request) };
    const id = hashOf(`order ${words["account"]} ${words["nonce"]}`);
    const order = orders.get(id) ?? { ...words, id, account: words["account"], filledTonnes: "0", status: "open" };
    orders.set(id, order);
    return { status: 201, body: order };
  }

  function cancel(id: string): FakeAnswer {
    const order = orders.get(id);
    if (order?.status !== "open") return { status: 409, body: {} };
    order.status = "cancelled";
    kept.cancellations++;
    return { body: order };
  }

  function report(request: SeenRequest): FakeAnswer {
    const { deal: given, side, counterparty, ...terms } = request.body as Body;
    const own = options.accountOf(request);
    const [seller, buyer] = side === "seller" ? [own, counterparty] : [counterparty, own];
    const { batch, tonnes, price, maximumFeeBasisPoints, expiresAt, nonce } = terms;
    const deal: DealJson = given ?? { seller, buyer, batch, tonnes, price, maximumFeeBasisPoints, expiresAt, nonce };
    const id = hashDeal(dealOf(deal), domain);
    const reported = deals.get(id) ?? { id, status: "reported", deal };
    deals.set(id, reported);
    return { status: 201, body: reported };
  }

  function confirm(id: string): FakeAnswer {
    const deal = deals.get(id);
    if (deal?.status !== "reported") return { status: 409, body: {} };
    deal.status = "confirmed";
    kept.confirmations++;
    return { status: 201, body: deal };
  }

  function announce({ body }: SeenRequest): FakeAnswer {
    const id = hashOf(`auction ${auctions.size}`);
    const times = { opensAt: new Date().toISOString(), closesAt: new Date(Date.now() + LASTS_MS).toISOString() };
    auctions.set(id, { ...(body as Body), ...times, id, bids: new Set() });
    return { status: 201, body: viewOf(id) };
  }

  function viewOf(id: string): object | undefined {
    const auction = auctions.get(id);
    if (auction === undefined) return undefined;
    const { bids, ...terms } = auction;
    const isOver = bids.size >= options.waitsFor;
    const end = isOver ? { status: "cleared", clearingPrice: terms["reservePrice"] } : { status: "open" };
    return { clearingPrice: null, voidReason: null, ...terms, ...end };
  }

  function bid(auction: string, body: Body): FakeAnswer {
    const { account = "managed", nonce } = body["order"] ?? body;
    const id = hashOf(`bid ${account} ${nonce}`);
    auctions.get(auction)?.bids.add(id);
    return { status: 201, body: { id, auction, status: "sealed" } };
  }

  return {
    /** How often it was asked for what is done once: more than that would have been refused. */
    kept,
    auctions,

    /** Undefined: none of the exchange's affairs. */
    answer(request: SeenRequest): FakeAnswer | undefined {
      const [path = ""] = request.path.split("?");
      const [, , collection, id = "", part] = path.split("/");
      switch (`${request.method} ${collection}${id === "" ? "" : "/id"}${part === undefined ? "" : `/${part}`}`) {
        case "GET cash":
          return { body: { symbol: "VND", singleApprovalLimit: SINGLE_APPROVAL_LIMIT.toString() } };
        case "POST orders":
          return place(request);
        case "DELETE orders/id":
          return cancel(id);
        case "POST deals":
          return report(request);
        case "POST deals/id/confirmation":
          return confirm(id);
        case "GET auctions":
          return { body: { items: [...auctions.keys()].map(viewOf), next: null } };
        case "GET auctions/id":
          return { body: viewOf(id) };
        case "POST auctions":
          return announce(request);
        case "POST auctions/id/bids":
          return bid(id, request.body as Body);
        default:
          return undefined;
      }
    },
  };
}
