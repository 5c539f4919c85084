import { defineAct } from "../http/act.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import type { Operations } from "../operations/service.js";
import { rawTransactionBody, transactionParams, transactionQuery, transactionSchema } from "./schemas.js";
import type { Transactions } from "./service.js";

const TAG = "Transactions";

export function transactionRoutes(transactions: Transactions, operations: Operations): Route[] {
  const send = defineAct(operations, {
    path: "/transactions",
    summary: "Pass on a signed transaction",
    description:
      "For whoever signs transactions outside of the service, as an institution with its own key. The signature is the authority: no API " +
      "key is needed. The same transaction again is the same operation, whose id is the transaction's hash.",
    tag: TAG,
    access: "public",
    body: rawTransactionBody,
    problems: ["transaction-invalid"],
    perform: ({ body, idempotency }) => transactions.send(body.raw, idempotency),
  });

  const one = defineRoute({
    method: "get",
    path: "/transactions/{hash}",
    summary: "A transaction: where it is, what it carried and what it changed",
    tag: TAG,
    access: "public",
    params: transactionParams,
    query: transactionQuery,
    answers: { 200: { description: "The transaction as it is.", schema: transactionSchema } },
    problems: ["not-found", "chain-unavailable"],
    async handle({ params }) {
      return ok(await transactions.get(params.hash));
    },
  });

  return [send, one];
}
