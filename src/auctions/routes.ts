import { isoTime } from "../http/links.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import { bidRoutes } from "./bid-routes.js";
import {
  announcementBody,
  auctionPage,
  auctionParams,
  auctionQuery,
  auctionSchema,
  AUCTIONS_TAG,
  ORDER_PROBLEMS,
  transcriptSchema,
} from "./schemas.js";
import type { Auctions } from "./service.js";
import type { AuctionRecord } from "./store.js";

export interface AuctionRouteDeps {
  readonly auctions: Auctions;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Auctions at one price, and their bids. */
export function auctionRoutes({ auctions, now }: AuctionRouteDeps): Route[] {
  const item = (auction: AuctionRecord) => auctionItem(auction, BigInt(now()) / 1_000n);

  const announce = defineRoute({
    method: "post",
    path: "/auctions",
    summary: "Announce an auction",
    description:
      "With the seller's signed order: it is the offer, its limit is the reserve price, and no API key is needed. Or, with the API key of " +
      "the participant, its terms: the service signs for a managed account. The tonnes are reserved until the auction has ended. " +
      "`seedCommitment` of the answer binds the service to the order of equal bids before the first bid comes.",
    tag: AUCTIONS_TAG,
    access: "public",
    body: announcementBody,
    answers: {
      200: { description: "It was announced before: as it stands.", schema: auctionSchema },
      201: { description: "Announced.", schema: auctionSchema },
    },
    problems: [...ORDER_PROBLEMS, "auction-times-invalid"],
    async handle({ body, principal }) {
      const { record, isNew } = await auctions.announce(body, principal);
      const auction = item(record);
      return { status: isNew ? 201 : 200, body: auction, headers: { location: auction.links.self } };
    },
  });

  const close = defineRoute({
    method: "post",
    path: "/auctions/{id}/close",
    summary: "Close an auction whose time has come",
    description: "It closes by itself, too: whoever comes first. One that has ended stays as it is.",
    tag: AUCTIONS_TAG,
    access: { roles: ["exchange-operator"] },
    params: auctionParams,
    answers: { 200: { description: "Ended.", schema: auctionSchema } },
    problems: ["not-found", "auction-not-ended"],
    async handle({ params }) {
      return ok(item(await auctions.close(params.id)));
    },
  });

  const callOff = defineRoute({
    method: "delete",
    path: "/auctions/{id}",
    summary: "Call an auction off",
    description: "By its seller before it opens; by the exchange operator before it closes. All bids are released.",
    tag: AUCTIONS_TAG,
    access: { scopes: ["participant"], roles: ["exchange-operator"] },
    params: auctionParams,
    answers: { 200: { description: "Cancelled.", schema: auctionSchema } },
    problems: ["not-found", "auction-started"],
    async handle({ params, principal }) {
      return ok(item(await auctions.callOff(params.id, principal)));
    },
  });

  return [announce, close, callOff, ...readRoutes(auctions, item), ...bidRoutes(auctions)];
}

function readRoutes(auctions: Auctions, item: (auction: AuctionRecord) => ReturnType<typeof auctionItem>): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/auctions",
    summary: "Auctions, the latest announcement first",
    tag: AUCTIONS_TAG,
    access: "public",
    query: auctionQuery,
    answers: { 200: { description: "A page.", schema: auctionPage } },
    async handle({ query }) {
      const { limit, cursor, ...filter } = query;
      const { items, next } = await auctions.list(filter, { limit, cursor });
      return ok({ items: items.map(item), next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/auctions/{id}",
    summary: "An auction",
    tag: AUCTIONS_TAG,
    access: "public",
    params: auctionParams,
    answers: { 200: { description: "As it stands.", schema: auctionSchema } },
    problems: ["not-found"],
    async handle({ params }) {
      return ok(item(await auctions.auction(params.id)));
    },
  });

  const transcript = defineRoute({
    method: "get",
    path: "/auctions/{id}/transcript",
    summary: "What anyone can check the result of an auction by",
    description:
      "keccak-256 of `seed` is the `seedCommitment` that was announced. Bids are ordered by price, the highest first, and where prices are " +
      "equal by `tieKey`, the lowest first, which is keccak-256 of seed and bid. Tonnes are added from the top: the price with which the " +
      "sum reaches the offer is everybody's, and the last winner gets what is left. `checkTranscript` of the client library repeats all " +
      "of it; every bidder finds its own bid by its id.",
    tag: AUCTIONS_TAG,
    access: "public",
    params: auctionParams,
    answers: { 200: { description: "Seed, bids, and result.", schema: transcriptSchema } },
    problems: ["not-found", "auction-not-ended"],
    async handle({ params }) {
      return ok(await auctions.transcript(params.id));
    },
  });

  return [list, one, transcript];
}

/** What is secret until the end stays so. */
function auctionItem(auction: AuctionRecord, now: bigint) {
  const { id, seed, maximumFee: _fee, isOrderOpen: _open, createdAt, closedAt, opensAt, closesAt, ...rest } = auction;
  const self = `/v1/auctions/${id}`;
  const hasEnded = auction.status !== "open";
  const hasResult = auction.status === "cleared" || auction.status === "void";
  return {
    id,
    ...rest,
    status: hasEnded ? auction.status : now < opensAt ? "announced" : now < closesAt ? "open" : "closing",
    opensAt: isoTime(opensAt),
    closesAt: isoTime(closesAt),
    seed: hasEnded ? seed : null,
    createdAt: createdAt.toISOString(),
    closedAt: closedAt?.toISOString() ?? null,
    links: { self, bids: `${self}/bids`, transcript: hasResult ? `${self}/transcript` : null },
  };
}
