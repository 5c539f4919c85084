import { isoTime } from "../http/links.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import { boardOrderSchema, boardPage, boardParams, boardQuery, PUT_THROUGH_TAG } from "./schemas.js";
import type { BoardOrder, PutThroughBoard } from "./service.js";

/** The board of electronic put-through. */
export function putThroughRoutes(board: PutThroughBoard): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/put-through-orders",
    summary: "Firm orders on the board, the latest first",
    description:
      "A member takes one, or a part of it, by an order of the other side whose `selects` names it: `POST /v1/orders`.",
    tag: PUT_THROUGH_TAG,
    access: "public",
    query: boardQuery,
    answers: { 200: { description: "A page.", schema: boardPage } },
    async handle({ query }) {
      const { limit, cursor, ...filter } = query;
      const { items, next } = await board.list(filter, { limit, cursor });
      return ok({ items: items.map(boardItem), next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/put-through-orders/{id}",
    summary: "A firm order on the board",
    tag: PUT_THROUGH_TAG,
    access: "public",
    params: boardParams,
    answers: { 200: { description: "As it stands.", schema: boardOrderSchema } },
    problems: ["not-found"],
    async handle({ params }) {
      return ok(boardItem(await board.order(params.id)));
    },
  });

  return [list, one];
}

function boardItem({ hash, expiresAt, createdAt, ...order }: BoardOrder) {
  return {
    id: hash,
    ...order,
    expiresAt: isoTime(expiresAt),
    createdAt: createdAt.toISOString(),
    links: { self: `/v1/put-through-orders/${hash}`, participant: `/v1/participants/${order.participantId}` },
  };
}
