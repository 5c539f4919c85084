import { defineAct, type OperationsPort } from "../http/act.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import { INTENT_PROBLEMS, TWO_WAYS, UNITS_PROBLEMS } from "../intents/schemas.js";
import {
  cancellationBody,
  cancellationPage,
  cancellationQuery,
  cancellationSchema,
  CANCELLATIONS_TAG,
  oneQuery,
  recordParams,
} from "./schemas.js";
import type { Retirements } from "./service.js";
import { cancellationItem } from "./views.js";

/** What left the ledger for another reason than use. */
export function cancellationRoutes(deps: { retirements: Retirements; operations: OperationsPort }): Route[] {
  const { retirements, operations } = deps;

  const list = defineRoute({
    method: "get",
    path: "/cancellations",
    summary: "Cancellations, the latest first",
    tag: CANCELLATIONS_TAG,
    access: "public",
    query: cancellationQuery,
    answers: { 200: { description: "A page.", schema: cancellationPage } },
    async handle({ query }) {
      const { limit, cursor, minBlock: _, projectCode: project, from: fromDate, to: toDate, ...filter } = query;
      const page = await retirements.listCancellations({ ...filter, project, fromDate, toDate }, { limit, cursor });
      return ok({ items: page.items.map(cancellationItem), next: page.next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/cancellations/{id}",
    summary: "A cancellation",
    tag: CANCELLATIONS_TAG,
    access: "public",
    params: recordParams,
    query: oneQuery,
    answers: { 200: { description: "The record.", schema: cancellationSchema } },
    problems: ["not-found"],
    async handle({ params }) {
      return ok(cancellationItem(await retirements.cancellation(params.id)));
    },
  });

  const create = defineAct(operations, {
    path: "/cancellations",
    summary: "Cancel units: take them out for another reason than use",
    description: TWO_WAYS,
    tag: CANCELLATIONS_TAG,
    access: "public",
    body: cancellationBody,
    problems: [...INTENT_PROBLEMS, ...UNITS_PROBLEMS, "retirements-text-too-long"],
    perform: ({ body, principal, idempotency }) => retirements.cancel(body, { principal, idempotency }),
  });

  return [list, one, create];
}
