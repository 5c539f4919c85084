import { defineAct, type OperationsPort } from "../http/act.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import { INTENT_PROBLEMS, TWO_WAYS, UNITS_PROBLEMS } from "../intents/schemas.js";
import { cancellationRoutes } from "./cancellation-routes.js";
import {
  oneQuery,
  recordParams,
  retirementBody,
  retirementPage,
  retirementQuery,
  retirementSchema,
  RETIREMENTS_TAG,
} from "./schemas.js";
import type { Retirements } from "./service.js";
import { retirementItem } from "./views.js";

export interface RetirementRouteDeps {
  readonly retirements: Retirements;
  readonly operations: OperationsPort;
  /** Address of the contract that keeps the certificates, EIP-55. */
  readonly certificates: string;
}

/** Retirements and cancellations. */
export function retirementRoutes({ retirements, operations, certificates }: RetirementRouteDeps): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/retirements",
    summary: "Retirements, the latest first",
    tag: RETIREMENTS_TAG,
    access: "public",
    query: retirementQuery,
    answers: { 200: { description: "A page.", schema: retirementPage } },
    async handle({ query }) {
      const { limit, cursor, minBlock: _, projectCode: project, from: fromDate, to: toDate, ...filter } = query;
      const page = await retirements.listRetirements({ ...filter, project, fromDate, toDate }, { limit, cursor });
      return ok({ items: page.items.map((item) => retirementItem(item, certificates)), next: page.next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/retirements/{id}",
    summary: "A retirement",
    tag: RETIREMENTS_TAG,
    access: "public",
    params: recordParams,
    query: oneQuery,
    answers: { 200: { description: "The record.", schema: retirementSchema } },
    problems: ["not-found"],
    async handle({ params }) {
      return ok(retirementItem(await retirements.retirement(params.id), certificates));
    },
  });

  const create = defineAct(operations, {
    path: "/retirements",
    summary: "Retire units for good",
    description: `${TWO_WAYS} Exactly one of a beneficiary's name and a commitment is needed.`,
    tag: RETIREMENTS_TAG,
    access: "public",
    body: retirementBody,
    problems: [
      ...INTENT_PROBLEMS,
      ...UNITS_PROBLEMS,
      "retirements-beneficiary-invalid",
      "retirements-text-too-long",
      "retirements-country-invalid",
      "retirements-period-invalid",
      "retirements-not-corsia-eligible",
    ],
    perform: ({ body, principal, idempotency }) => retirements.retire(body, { principal, idempotency }),
  });

  return [list, one, create, ...cancellationRoutes({ retirements, operations })];
}
