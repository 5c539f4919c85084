import { defineRoute, ok, type Route } from "../http/route.js";
import { eventPage, eventQuery } from "./schemas.js";
import type { Events } from "./service.js";

export function eventRoutes(events: Events): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/events",
    summary: "What the contracts logged, in the order of the chain",
    description: "Everything else that this API tells about the ledger is derived from these events.",
    tag: "Chain",
    access: { scopes: ["role", "auditor", "regulator", "admin"] },
    query: eventQuery,
    answers: { 200: { description: "A page.", schema: eventPage } },
    async handle({ query: { limit, cursor, minBlock: _, ...filter } }) {
      return ok(await events.list(filter, { limit, cursor }));
    },
  });
  return [list];
}
