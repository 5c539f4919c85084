import { problemDocument } from "../errors.js";
import { defineRoute, ok, type Reply, type Route } from "../http/route.js";
import {
  cancelAllBody,
  cancelBody,
  cancelledSchema,
  cancelQuery,
  MAX_BULK,
  nonceQuery,
  nonceSchema,
  orderBody,
  orderPage,
  orderParams,
  orderQuery,
  orderSchema,
  ORDERS_TAG,
  ownTradePage,
  ownTradeQuery,
  placeBody,
  placedSchema,
  reservationList,
  reservationQuery,
} from "./schemas.js";
import type { Orders } from "./service.js";
import { orderItem, ownTradeItem, reservationItem } from "./views.js";

/** How an order may be refused. */
const ORDER_PROBLEMS = [
  "unauthorized",
  "forbidden",
  "signer-unavailable",
  "instrument-unknown",
  "market-closed",
  "market-halted",
  "order-price-invalid",
  "price-off-tick",
  "price-outside-band",
  "order-quantity-invalid",
  "order-terms-invalid",
  "order-expiry-invalid",
  "order-fee-too-low",
  "account-unknown",
  "participant-suspended",
  "account-not-allowed",
  "units-paused",
  "units-batch-paused",
  "order-nonce-used",
  "order-session-unknown",
  "order-signature-invalid",
  "position-insufficient",
  "put-through-unavailable",
  "market-unavailable",
  "chain-unavailable",
] as const;

/** Orders, own trades, reservations. */
export function marketRoutes(orders: Orders): Route[] {
  // Reads first: `next-nonce` is told apart from an order's id by its place.
  return [...readingRoutes(orders), ...placingRoutes(orders), ...cancellingRoutes(orders)];
}

function placingRoutes(orders: Orders): Route[] {
  const place = defineRoute({
    method: "post",
    path: "/orders",
    summary: "Place an order, or many",
    description:
      "Signed by the account: no API key is needed. Or, with the API key of the participant, its terms: the service signs for a managed " +
      `account. Up to ${MAX_BULK} signed orders in \`orders\`: each is judged by itself and has its own item in the answer. The answer ` +
      "is given after the order is durable and matched; the same signed order again is the same order. A trade that the chain refuses " +
      "ends as `failed`, and its tonnes do not return to the book.",
    tag: ORDERS_TAG,
    access: "public",
    body: placeBody,
    answers: {
      200: { description: "As it stands; it was accepted before. Or the verdicts over many.", schema: placedSchema },
      201: { description: "Accepted; as it stands after matching.", schema: orderSchema },
    },
    problems: ORDER_PROBLEMS,
    async handle({ body, principal }) {
      if (!("orders" in body)) return placed(await orders.place(body, principal));
      const items = await orders.placeMany(body.orders);
      return ok({
        items: items.map(({ order, problem }) => ({
          order: order === null ? null : orderItem(order),
          problem: problem === null ? null : problemDocument(problem),
        })),
      });
    },
  });

  const replace = defineRoute({
    method: "post",
    path: "/orders/{id}/replacement",
    summary: "Put an order in the place of another, in one step",
    description:
      "The new order loses the place in time of the old one. Nothing happens when the old one was filled further meanwhile.",
    tag: ORDERS_TAG,
    access: "public",
    params: orderParams,
    body: orderBody,
    answers: {
      200: { description: "The new order; it was accepted before.", schema: orderSchema },
      201: { description: "The new order, as it stands after matching.", schema: orderSchema },
    },
    problems: [...ORDER_PROBLEMS, "not-found", "order-not-open", "order-changed"],
    async handle({ params, body, principal }) {
      return placed(await orders.replace(params.id, body, principal));
    },
  });
  return [place, replace];
}

function placed({ order, isNew }: Awaited<ReturnType<Orders["place"]>>): Reply {
  const item = orderItem(order);
  return { status: isNew ? 201 : 200, body: item, headers: { location: item.links.self } };
}

function cancellingRoutes(orders: Orders): Route[] {
  const cancel = defineRoute({
    method: "delete",
    path: "/orders/{id}",
    summary: "Cancel an order",
    description:
      "With the API key of the participant, or with a signed intent, which then also goes to the chain. Whatever was matched before stays.",
    tag: ORDERS_TAG,
    access: "public",
    params: orderParams,
    body: cancelBody,
    answers: { 200: { description: "As it stands.", schema: orderSchema } },
    problems: [
      "unauthorized",
      "forbidden",
      "not-found",
      "order-not-open",
      "intent-signature-invalid",
      "market-unavailable",
    ],
    async handle({ params, body, principal }) {
      return ok(orderItem(await orders.cancel(params.id, principal, body)));
    },
  });

  const cancelAll = defineRoute({
    method: "delete",
    path: "/orders",
    summary: "Cancel many orders at once",
    description:
      "All open orders of the key's participant, of a batch, a side, an account; or, signed, all with a lower nonce.",
    tag: ORDERS_TAG,
    access: "public",
    query: cancelQuery,
    body: cancelAllBody,
    answers: { 200: { description: "Done.", schema: cancelledSchema } },
    problems: ["unauthorized", "forbidden", "intent-signature-invalid", "market-unavailable"],
    async handle({ query, body, principal }) {
      return ok({ cancelled: await orders.cancelAll(principal, query, body) });
    },
  });
  return [cancel, cancelAll];
}

function readingRoutes(orders: Orders): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/orders",
    summary: "Orders, the latest first",
    description: "A participant's key sees its own.",
    tag: ORDERS_TAG,
    access: "key",
    query: orderQuery,
    answers: { 200: { description: "A page.", schema: orderPage } },
    problems: ["forbidden"],
    async handle({ query, principal }) {
      const { limit, cursor, ...filter } = query;
      const { items, next } = await orders.orders(principal, filter, { limit, cursor });
      return ok({ items: items.map(orderItem), next });
    },
  });

  const nextNonce = defineRoute({
    method: "get",
    path: "/orders/next-nonce",
    summary: "The nonce for the next order of an account in a batch",
    tag: ORDERS_TAG,
    access: "public",
    query: nonceQuery,
    answers: { 200: { description: "The first above all that were used.", schema: nonceSchema } },
    problems: ["market-unavailable"],
    async handle({ query }) {
      return ok({ nonce: (await orders.nextNonce(query.account, query.batch)).toString() });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/orders/{id}",
    summary: "An order",
    tag: ORDERS_TAG,
    access: "key",
    params: orderParams,
    answers: { 200: { description: "As it stands.", schema: orderSchema } },
    problems: ["not-found"],
    async handle({ params, principal }) {
      return ok(orderItem(await orders.order(params.id, principal)));
    },
  });

  const trades = defineRoute({
    method: "get",
    path: "/trades/mine",
    summary: "Own trades, the latest first",
    tag: ORDERS_TAG,
    access: { scopes: ["participant"] },
    query: ownTradeQuery,
    answers: { 200: { description: "A page.", schema: ownTradePage } },
    problems: ["forbidden"],
    async handle({ query, principal }) {
      const { limit, cursor, ...filter } = query;
      const { items, next } = await orders.ownTrades(principal, filter, { limit, cursor });
      return ok({ items: items.map(ownTradeItem), next });
    },
  });

  const reservations = defineRoute({
    method: "get",
    path: "/reservations",
    summary: "What of an account's positions is promised, and for what",
    tag: ORDERS_TAG,
    access: "key",
    query: reservationQuery,
    answers: { 200: { description: "All of them.", schema: reservationList } },
    problems: ["forbidden"],
    async handle({ query, principal }) {
      const items = await orders.reservations(principal, query.account);
      return ok({ items: items.map(reservationItem) });
    },
  });
  return [nextNonce, list, one, trades, reservations];
}
