import { isoTime } from "../http/links.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import { toInteger } from "../integers.js";
import { SETTLEMENT_SECONDS } from "./rules.js";
import { confirmationBody, dealPage, dealParams, dealQuery, dealSchema, DEALS_TAG, reportBody } from "./schemas.js";
import type { Deals } from "./service.js";
import type { DealRecord } from "./store.js";

/** How a report or a confirmation may be refused. */
const PROBLEMS = [
  "unauthorized",
  "forbidden",
  "signer-unavailable",
  "account-unknown",
  "account-not-allowed",
  "participant-suspended",
  "units-paused",
  "units-batch-paused",
  "instrument-unknown",
  "market-closed",
  "market-halted",
  "price-off-tick",
  "price-outside-band",
  "position-insufficient",
  "deal-signature-invalid",
  "deal-own-sides",
  "deal-quantity-invalid",
  "deal-expired",
  "deal-fee-too-low",
  "chain-unavailable",
  "market-unavailable",
] as const;

const TWO_WAYS =
  "Either with the party's signature over the deal: no API key is needed. " +
  "Or, with the API key of the participant: the service signs for a managed account.";

/** Deals agreed elsewhere: common put-through. */
export function dealRoutes(deals: Deals): Route[] {
  const report = defineRoute({
    method: "post",
    path: "/deals",
    summary: "Report a deal that was agreed elsewhere",
    description:
      `${TWO_WAYS} What the reporting party needs for it is reserved until the other one confirms or turns it down, or it expires. ` +
      "A deal that was taken back here may still be settled by whoever has both signatures: to be sure, call `cancelDeal` of the contract.",
    tag: DEALS_TAG,
    access: "public",
    body: reportBody,
    answers: {
      200: { description: "It was reported before: as it stands.", schema: dealSchema },
      201: { description: "Reported: the other party can confirm it.", schema: dealSchema },
    },
    problems: [...PROBLEMS, "deal-known"],
    async handle({ body, principal }) {
      const { deal, isNew } = await deals.report(body, principal);
      const item = dealItem(deal);
      return { status: isNew ? 201 : 200, body: item, headers: { location: item.links.self } };
    },
  });

  const confirm = defineRoute({
    method: "post",
    path: "/deals/{id}/confirmation",
    summary: "Confirm a deal that the other party has reported",
    description: `${TWO_WAYS} With both signatures it is a trade, and goes to the chain: \`links.settlement\` tells how far it is.`,
    tag: DEALS_TAG,
    access: "public",
    params: dealParams,
    body: confirmationBody,
    answers: { 201: { description: "Confirmed: durable, and on its way to the chain.", schema: dealSchema } },
    problems: [...PROBLEMS, "not-found", "deal-wrong-party", "deal-not-open"],
    async handle({ params, body, principal }) {
      const item = dealItem(await deals.confirm(params.id, body, principal));
      return { status: 201, body: item, headers: { location: item.links.self } };
    },
  });

  const cancel = defineRoute({
    method: "delete",
    path: "/deals/{id}",
    summary: "Take a reported deal back, or turn it down",
    description: "By either party, before it is confirmed.",
    tag: DEALS_TAG,
    access: { scopes: ["participant"] },
    params: dealParams,
    answers: { 200: { description: "It is cancelled; `cancelledBy` names the side.", schema: dealSchema } },
    problems: ["not-found", "deal-not-open"],
    async handle({ params, principal }) {
      return ok(dealItem(await deals.cancel(params.id, principal)));
    },
  });

  return [report, confirm, cancel, ...readRoutes(deals)];
}

function readRoutes(deals: Deals): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/deals",
    summary: "Deals, the latest report first",
    description: "A participant's key sees those that it is a party of.",
    tag: DEALS_TAG,
    access: "key",
    query: dealQuery,
    answers: { 200: { description: "A page.", schema: dealPage } },
    async handle({ query, principal }) {
      const { limit, cursor, ...filter } = query;
      const { items, next } = await deals.list(filter, principal, { limit, cursor });
      return ok({ items: items.map(dealItem), next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/deals/{id}",
    summary: "A deal",
    description: "For its parties, institutions and auditors.",
    tag: DEALS_TAG,
    access: "key",
    params: dealParams,
    answers: { 200: { description: "The deal as it stands.", schema: dealSchema } },
    problems: ["not-found"],
    async handle({ params, principal }) {
      return ok(dealItem(await deals.deal(params.id, principal)));
    },
  });

  return [list, one];
}

/** A deal, as the API shows it to its parties. */
function dealItem({ hash, sellerSignature: _s, buyerSignature: _b, ...record }: DealRecord) {
  const { deal, status, blockNumber, txHash } = record;
  const self = `/v1/deals/${hash}`;
  const isTrade = status === "confirmed" || status === "settled" || status === "failed";
  return {
    ...record,
    id: hash,
    value: BigInt(deal.tonnes) * BigInt(deal.price),
    confirmBy: isoTime(BigInt(deal.expiresAt) - SETTLEMENT_SECONDS),
    blockNumber: blockNumber === null ? null : toInteger(blockNumber),
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
    links: {
      self,
      confirmation: status === "reported" ? `${self}/confirmation` : null,
      settlement: isTrade ? `/v1/operations/${hash}` : null,
      transaction: txHash === null ? null : `/v1/transactions/${txHash}`,
    },
  };
}
