import { rejection, statusOf, type OperationsPort } from "../http/act.js";
import { toProblem } from "../http/problem-answer.js";
import { defineRoute, type Route, type RouteRequest } from "../http/route.js";
import { problemDocument } from "../errors.js";
import type { Asker } from "../institution.js";
import { INTENT_PROBLEMS, UNITS_PROBLEMS } from "../intents/schemas.js";
import type { Retirements } from "../retirements/service.js";
import type { Transfers } from "../transfers/service.js";
import {
  MAX_INTENTS,
  SIGNED_INTENTS_TAG,
  signedIntentsAnswer,
  signedIntentsBody,
  type SignedIntentInput,
} from "./schemas.js";

export interface SignedIntentRouteDeps {
  readonly transfers: Transfers;
  readonly retirements: Retirements;
  readonly operations: OperationsPort;
}

/** For firms that have much to send: many signed intents in one request. */
export function signedIntentRoutes(deps: SignedIntentRouteDeps): Route[] {
  const create = defineRoute({
    method: "post",
    path: "/intents",
    summary: "Send many signed intents at once",
    description:
      `Up to ${MAX_INTENTS} intents of any kinds and accounts. Each is judged on its own, as in a request of its own, and what is ` +
      "accepted is durable before the answer. An intent is known by its hash: to send it again is harmless, and needs no key. " +
      "A body that does not fit the schema is refused as a whole.",
    tag: SIGNED_INTENTS_TAG,
    access: "public",
    body: signedIntentsBody,
    answers: {
      200: { description: "All were accepted, now or before.", schema: signedIntentsAnswer },
      207: { description: "Some were refused: each item has its own status.", schema: signedIntentsAnswer },
    },
    problems: [...INTENT_PROBLEMS, ...UNITS_PROBLEMS],
    async handle(request) {
      const { principal } = request;
      // All at once: what they ask of the database is asked for all of them together.
      const items = await Promise.all(
        request.body.items.map((item) => judge(deps, item, { principal, idempotency: undefined }, request)),
      );
      return { status: items.every(({ status }) => status < 400) ? 200 : 207, body: { items } };
    },
  });
  return [create];
}

type RequestPart = Pick<RouteRequest<undefined, undefined, undefined>, "requestId" | "log">;

async function judge(deps: SignedIntentRouteDeps, item: SignedIntentInput, asker: Asker, request: RequestPart) {
  const { operations } = deps;
  try {
    const id = await accept(deps, item, asker);
    const operation = operations.asAccepted(id) ?? (await operations.get(id));
    if (operation === undefined) throw new Error(`Operation ${id} was accepted and cannot be found.`);
    if (operation.status === "rejected" && operation.problem !== null) throw rejection(operation, operation.problem);
    return { status: statusOf(operation), operation };
  } catch (error) {
    const problem = toProblem(error);
    if (problem.code === "internal") request.log.error({ err: error }, "an intent of a list failed");
    return { status: problem.status, problem: problemDocument(problem, `urn:uuid:${request.requestId}`) };
  }
}

async function accept({ transfers, retirements }: SignedIntentRouteDeps, item: SignedIntentInput, asker: Asker) {
  const { signature } = item;
  switch (item.kind) {
    case "transfer":
      return transfers.transfer({ intent: item.intent, signature }, asker);
    case "retirement":
      return retirements.retire({ intent: item.intent, signature }, asker);
    case "cancellation":
      return retirements.cancel({ intent: item.intent, signature }, asker);
    case "revocation":
      return transfers.revoke({ intent: item.intent, signature }, asker);
  }
}
