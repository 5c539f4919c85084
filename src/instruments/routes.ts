import { defineAct, type OperationsPort } from "../http/act.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import {
  decisionPage,
  decisionQuery,
  definitionBody,
  instrumentListQuery,
  instrumentPage,
  instrumentParams,
  instrumentSchema,
  INSTRUMENTS_TAG,
  listingBody,
  oneInstrumentQuery,
  reasonOfDecision,
} from "./schemas.js";
import type { Instruments } from "./service.js";
import { decisionJson, instrumentJson } from "./views.js";

const TAG = INSTRUMENTS_TAG;
const GUARDS = { roles: ["guardian", "compliance-officer"] } as const;
const SAVED = { 200: { description: "Durable, and in force.", schema: instrumentSchema } } as const;

/** What can be traded, under which rules, and who decided so. */
export function instrumentRoutes(instruments: Instruments, operations: OperationsPort): Route[] {
  return [...readRoutes(instruments), ...decisionRoutes(instruments, operations)];
}

function readRoutes(instruments: Instruments): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/instruments",
    summary: "Instruments by code",
    tag: TAG,
    access: "public",
    query: instrumentListQuery,
    answers: { 200: { description: "A page.", schema: instrumentPage } },
    async handle({ query: { limit, cursor } }) {
      const { items, next } = await instruments.page({ limit, cursor });
      return ok({ items: items.map(instrumentJson), next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/instruments/{batch}",
    summary: "One instrument and its market as it is now",
    tag: TAG,
    access: "public",
    params: instrumentParams,
    query: oneInstrumentQuery,
    answers: { 200: { description: "The instrument.", schema: instrumentSchema } },
    problems: ["not-found"],
    handle: async ({ params }) => ok(instrumentJson(await instruments.get(params.batch))),
  });

  const decisions = defineRoute({
    method: "get",
    path: "/instruments/{batch}/decisions",
    summary: "Who decided what about a market, the latest first",
    tag: TAG,
    access: "public",
    params: instrumentParams,
    query: decisionQuery,
    answers: { 200: { description: "A page.", schema: decisionPage } },
    problems: ["not-found"],
    async handle({ params, query }) {
      await instruments.get(params.batch);
      const { items, next } = await instruments.decisions(params.batch, query);
      return ok({ items: items.map(decisionJson), next });
    },
  });

  return [list, one, decisions];
}

function decisionRoutes(instruments: Instruments, operations: OperationsPort): Route[] {
  const listing = defineAct(operations, {
    path: "/instruments",
    summary: "List a batch for trading, for ever",
    description: "On the chain. Trading begins when the operator has defined the market.",
    tag: TAG,
    access: { roles: ["registrar"] },
    body: listingBody,
    problems: ["registry-batch-unknown", "exchange-instrument-listed", "signer-unavailable"],
    perform: ({ body, ...asker }) => instruments.list(asker, body.batch, body.kind),
  });

  const definition = defineRoute({
    method: "post",
    path: "/instruments/{batch}/definition",
    summary: "Define a market, or define it anew",
    description: "A new market is open; a market that is halted stays so.",
    tag: TAG,
    access: { roles: ["exchange-operator"] },
    params: instrumentParams,
    body: definitionBody,
    answers: SAVED,
    problems: ["instrument-unknown"],
    handle: async ({ principal, params, body }) =>
      ok(instrumentJson(await instruments.define(principal, params.batch, body))),
  });

  const halt = defineRoute({
    method: "post",
    path: "/instruments/{batch}/halt",
    summary: "Halt a market",
    description: "No order enters it from then on; orders that stand in the book stay, and can be cancelled.",
    tag: TAG,
    access: GUARDS,
    params: instrumentParams,
    body: reasonOfDecision,
    answers: SAVED,
    problems: ["instrument-unknown", "market-state-unchanged"],
    handle: async ({ principal, params, body }) =>
      ok(instrumentJson(await instruments.halt(principal, params.batch, body.reason))),
  });

  const resume = defineRoute({
    method: "post",
    path: "/instruments/{batch}/resume",
    summary: "Let a halted market go on",
    description: "It is open again whenever its calendar says so.",
    tag: TAG,
    access: GUARDS,
    params: instrumentParams,
    body: reasonOfDecision,
    answers: SAVED,
    problems: ["instrument-unknown", "market-state-unchanged"],
    handle: async ({ principal, params, body }) =>
      ok(instrumentJson(await instruments.resume(principal, params.batch, body.reason))),
  });

  return [listing, definition, halt, resume];
}
