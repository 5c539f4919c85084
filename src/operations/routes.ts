import { Problem } from "../errors.js";
import { decodeCursor, toPage } from "../http/pagination.js";
import { waitSeconds } from "../http/prefer.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import { mayReadParticipant, visibleParticipant, type Principal } from "../principal.js";
import {
  oneOperationQuery,
  operationPage,
  operationParams,
  operationPosition,
  operationQuery,
  operationSchema,
  storySchema,
} from "./schemas.js";
import type { Operations, OperationView } from "./service.js";

const TAG = "Operations";

export function operationRoutes(operations: Operations): Route[] {
  const one = defineRoute({
    method: "get",
    path: "/operations/{id}",
    summary: "The fate of something accepted",
    description:
      "With `Prefer: wait=N` the answer is held back until the operation is final or rejected, N seconds at most. " +
      "An intent that the chain has executed is found, whoever brought it there. " +
      "An operation of a signed intent or a raw transaction may be read by whoever knows its hash; any other by its participant and the institutions.",
    tag: TAG,
    access: "public",
    params: operationParams,
    query: oneOperationQuery,
    answers: { 200: { description: "The operation as it is.", schema: operationSchema } },
    problems: ["not-found", "unauthorized"],
    async handle({ params, query, headers, principal, signal }) {
      // Who may not read it must not learn, from the time that the answer takes, that it exists.
      const now = await operations.find(params.id);
      if (now === undefined || !mayRead(principal, now)) throw hidden(principal, params.id);
      const seconds = waitSeconds(headers["prefer"]);
      if (seconds === undefined) {
        const isBehind = query.minBlock !== undefined && (await isBehindChain(operations, now));
        return ok(isBehind ? ((await operations.wait(now.id, FATE_PATIENCE, signal)) ?? now) : now);
      }
      const operation = await operations.wait(params.id, seconds, signal);
      return ok(operation ?? now, { "preference-applied": `wait=${seconds}` });
    },
  });

  const story = defineRoute({
    method: "get",
    path: "/operations/{id}/story",
    summary: "All that happened to something accepted",
    description:
      "Each step with its time and its transaction. It is kept for good, and read by whoever may read the operation.",
    tag: TAG,
    access: "public",
    params: operationParams,
    query: oneOperationQuery,
    answers: { 200: { description: "The steps so far, in order.", schema: storySchema } },
    problems: ["not-found", "unauthorized"],
    async handle({ params, principal }) {
      const found = await operations.story(params.id);
      if (found === undefined || !mayRead(principal, found.operation)) throw hidden(principal, params.id);
      return ok(found);
    },
  });

  const list = defineRoute({
    method: "get",
    path: "/operations",
    summary: "Everything accepted, the newest first",
    description: "A participant's key sees the participant's own.",
    tag: TAG,
    access: "key",
    query: operationQuery,
    answers: { 200: { description: "A page.", schema: operationPage } },
    problems: ["forbidden"],
    async handle({ query, principal }) {
      const { limit, cursor, since, participantId, ...filter } = query;
      const before = decodeCursor(cursor, operationPosition);
      const scope = { participantId: visibleParticipant(principal, participantId) };
      const sinceDate = since === undefined ? undefined : new Date(since);
      const rows = await operations.list({ ...filter, ...scope, since: sinceDate }, limit + 1, before);
      return ok(
        toPage(
          rows,
          limit,
          (row) => row.seq,
          (row) => row.view,
        ),
      );
    },
  });

  return [one, story, list];
}

/** How long, in seconds, a fate may take to be written down after its block is known. */
const FATE_PATIENCE = 5;

/** The block that holds the intent is known, and the fate of its operation is about to be written down. */
async function isBehindChain(operations: Operations, { id, status }: OperationView): Promise<boolean> {
  return (status === "accepted" || status === "sent") && id.startsWith("0x") && operations.isExecuted(id);
}

/** A hash is known to its signer, and to whoever reads the chain: what it became is no secret. */
function mayRead(principal: Principal, operation: OperationView): boolean {
  return operation.id.startsWith("0x") || mayReadParticipant(principal, operation.participantId);
}

function hidden(principal: Principal, id: string): Problem {
  if (principal.kind === "anonymous" && !id.startsWith("0x")) return new Problem("unauthorized");
  return new Problem("not-found", `There is no operation ${id}.`);
}
