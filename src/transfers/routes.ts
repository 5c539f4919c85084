import { defineAct, type OperationsPort } from "../http/act.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import { INTENT_PROBLEMS, TWO_WAYS, UNITS_PROBLEMS } from "../intents/schemas.js";
import { holdingRoutes } from "./holding-routes.js";
import { pauseRoutes } from "./pause-routes.js";
import {
  oneQuery,
  revocationBody,
  transferBody,
  transferPage,
  transferParams,
  transferQuery,
  transferSchema,
  TRANSFERS_TAG,
} from "./schemas.js";
import type { Transfers } from "./service.js";
import { transferItem } from "./views.js";

export interface TransferRouteDeps {
  readonly transfers: Transfers;
  readonly operations: OperationsPort;
}

/** Holdings, transfers, revocations, and the pause of them all. */
export function transferRoutes({ transfers, operations }: TransferRouteDeps): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/transfers",
    summary: "Transfers, the latest first",
    description: "A participant's key sees those with one of its accounts on either side.",
    tag: TRANSFERS_TAG,
    access: "key",
    query: transferQuery,
    answers: { 200: { description: "A page.", schema: transferPage } },
    problems: ["forbidden"],
    async handle({ query, principal }) {
      const { limit, cursor, minBlock: _, from: fromDate, to: toDate, ...filter } = query;
      const { items, next } = await transfers.transfers(principal, { ...filter, fromDate, toDate }, { limit, cursor });
      return ok({ items: items.map(transferItem), next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/transfers/{id}",
    summary: "A transfer",
    tag: TRANSFERS_TAG,
    access: "key",
    params: transferParams,
    query: oneQuery,
    answers: { 200: { description: "The transfer.", schema: transferSchema } },
    problems: ["not-found"],
    async handle({ params, principal }) {
      return ok(transferItem(await transfers.oneTransfer(principal, params.id)));
    },
  });

  const create = defineAct(operations, {
    path: "/transfers",
    summary: "Transfer units",
    description: TWO_WAYS,
    tag: TRANSFERS_TAG,
    access: "public",
    body: transferBody,
    problems: [...INTENT_PROBLEMS, ...UNITS_PROBLEMS],
    perform: ({ body, principal, idempotency }) => transfers.transfer(body, { principal, idempotency }),
  });

  const revoke = defineAct(operations, {
    path: "/revocations",
    summary: "Make a signed intent void that was not executed yet",
    description: TWO_WAYS,
    tag: TRANSFERS_TAG,
    access: "public",
    body: revocationBody,
    problems: INTENT_PROBLEMS,
    perform: ({ body, principal, idempotency }) => transfers.revoke(body, { principal, idempotency }),
  });

  return [
    ...holdingRoutes({ transfers, operations }),
    list,
    one,
    create,
    revoke,
    ...pauseRoutes({ transfers, operations }),
  ];
}
