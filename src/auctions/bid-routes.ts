import { defineRoute, ok, type Route } from "../http/route.js";
import {
  auctionParams,
  AUCTIONS_TAG,
  bidBody,
  bidPage,
  bidParams,
  bidQuery,
  bidSchema,
  ORDER_PROBLEMS,
} from "./schemas.js";
import type { Auctions } from "./service.js";
import type { BidRecord } from "./bid-store.js";

/** Sealed bids: nobody but their bidder sees them before the close. */
export function bidRoutes(auctions: Auctions): Route[] {
  const bid = defineRoute({
    method: "post",
    path: "/auctions/{id}/bids",
    summary: "Bid in an auction",
    description:
      "A signed buy order: no API key is needed. Or, with the API key of the participant, its terms: the service signs for a managed " +
      "account. The cash is reserved until the auction has ended, or the bid is taken back.",
    tag: AUCTIONS_TAG,
    access: "public",
    params: auctionParams,
    body: bidBody,
    answers: {
      200: { description: "It was made before: as it stands.", schema: bidSchema },
      201: { description: "Sealed: it takes part.", schema: bidSchema },
    },
    problems: [
      ...ORDER_PROBLEMS,
      "not-found",
      "auction-not-yet-open",
      "auction-closed",
      "auction-bid-below-reserve",
      "auction-own-bid",
      "auction-bid-limit",
    ],
    async handle({ params, body, principal }) {
      const { record, isNew } = await auctions.bid(params.id, body, principal);
      const item = bidItem(record);
      return { status: isNew ? 201 : 200, body: item, headers: { location: item.links.self } };
    },
  });

  const list = defineRoute({
    method: "get",
    path: "/auctions/{id}/bids",
    summary: "Own bids in an auction, the latest first",
    tag: AUCTIONS_TAG,
    access: { scopes: ["participant"] },
    params: auctionParams,
    query: bidQuery,
    answers: { 200: { description: "A page.", schema: bidPage } },
    problems: ["not-found"],
    async handle({ params, query, principal }) {
      const { items, next } = await auctions.ownBids(params.id, principal, query);
      return ok({ items: items.map(bidItem), next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/auctions/{id}/bids/{bidId}",
    summary: "An own bid in an auction",
    tag: AUCTIONS_TAG,
    access: { scopes: ["participant"] },
    params: bidParams,
    answers: { 200: { description: "As it stands.", schema: bidSchema } },
    problems: ["not-found"],
    async handle({ params, principal }) {
      return ok(bidItem(await auctions.ownBid(params.id, params.bidId, principal)));
    },
  });

  const cancel = defineRoute({
    method: "delete",
    path: "/auctions/{id}/bids/{bidId}",
    summary: "Take a bid back, before the close",
    tag: AUCTIONS_TAG,
    access: { scopes: ["participant"] },
    params: bidParams,
    answers: { 200: { description: "Cancelled, and its cash is free.", schema: bidSchema } },
    problems: ["not-found", "auction-closed"],
    async handle({ params, principal }) {
      return ok(bidItem(await auctions.cancelBid(params.id, params.bidId, principal)));
    },
  });

  return [bid, list, one, cancel];
}

function bidItem({ hash, auctionId, maximumFee: _fee, isOrderOpen: _open, createdAt, ...bid }: BidRecord) {
  const auction = `/v1/auctions/${auctionId}`;
  return {
    id: hash,
    auction: auctionId,
    ...bid,
    createdAt: createdAt.toISOString(),
    links: { self: `${auction}/bids/${hash}`, auction },
  };
}
