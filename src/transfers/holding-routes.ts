import { defineAct, type OperationsPort } from "../http/act.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import {
  blockPage,
  blocksQuery,
  forcedTransferBody,
  freezeBody,
  holdingPage,
  holdingParams,
  holdingQuery,
  holdingSchema,
  HOLDINGS_TAG,
  oneQuery,
} from "./schemas.js";
import type { Transfers } from "./service.js";
import { holdingItem } from "./views.js";

const ENFORCEMENT = { roles: ["enforcement"] } as const;

/** Who holds what, and what institutions may do about it. */
export function holdingRoutes(deps: { transfers: Transfers; operations: OperationsPort }): Route[] {
  return [...readRoutes(deps.transfers), ...actRoutes(deps.transfers, deps.operations)];
}

function readRoutes(transfers: Transfers): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/holdings",
    summary: "Holdings, by account and batch",
    description: "A participant's key sees the participant's own.",
    tag: HOLDINGS_TAG,
    access: "key",
    query: holdingQuery,
    answers: { 200: { description: "A page.", schema: holdingPage } },
    problems: ["forbidden"],
    async handle({ query, principal }) {
      const { limit, cursor, minBlock: _, ...filter } = query;
      const { items, next } = await transfers.holdings(principal, filter, { limit, cursor });
      return ok({ items: items.map(holdingItem), next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/holdings/{account}/{batch}",
    summary: "What an account holds of a batch",
    tag: HOLDINGS_TAG,
    access: "key",
    params: holdingParams,
    query: oneQuery,
    answers: { 200: { description: "The holding.", schema: holdingSchema } },
    problems: ["not-found"],
    async handle({ params, principal }) {
      return ok(holdingItem(await transfers.holding(principal, params)));
    },
  });

  const blocks = defineRoute({
    method: "get",
    path: "/holdings/{account}/{batch}/blocks",
    summary: "The serial blocks behind a holding",
    description: "In the order of serials. Adjacent ones are shown as one.",
    tag: HOLDINGS_TAG,
    access: "key",
    params: holdingParams,
    query: blocksQuery,
    answers: { 200: { description: "A page.", schema: blockPage } },
    problems: ["not-found"],
    async handle({ params, query, principal }) {
      const { limit, cursor } = query;
      return ok(await transfers.blocks(principal, params, { limit, cursor }));
    },
  });

  return [list, one, blocks];
}

function actRoutes(transfers: Transfers, operations: OperationsPort): Route[] {
  const freeze = defineAct(operations, {
    path: "/holdings/{account}/{batch}/freeze",
    summary: "Set the tonnes that a holder may not move",
    tag: HOLDINGS_TAG,
    access: { roles: ["compliance-officer"] },
    params: holdingParams,
    body: freezeBody,
    problems: ["signer-unavailable"],
    perform: ({ params, body, ...asker }) => transfers.freeze(params, body.tonnes, asker),
  });

  const force = defineAct(operations, {
    path: "/holdings/{account}/{batch}/forced-transfer",
    summary: "Move units without the holder",
    description:
      "By order of a court or an authority. Where the role has a delay, it must be scheduled first, with the same body.",
    tag: HOLDINGS_TAG,
    access: ENFORCEMENT,
    params: holdingParams,
    body: forcedTransferBody,
    problems: ["signer-unavailable"],
    perform: ({ params, body, ...asker }) => transfers.forceTransfer(params, body.to, body.tonnes, asker),
  });

  const schedule = defineAct(operations, {
    path: "/holdings/{account}/{batch}/forced-transfer/schedule",
    summary: "Announce a forced transfer",
    description: "The delay of the role begins; until it is over a guardian may cancel.",
    tag: HOLDINGS_TAG,
    access: ENFORCEMENT,
    params: holdingParams,
    body: forcedTransferBody,
    problems: ["signer-unavailable"],
    perform: ({ params, body, ...asker }) => transfers.scheduleForcedTransfer(params, body.to, body.tonnes, asker),
  });

  return [freeze, force, schedule];
}
