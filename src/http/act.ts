import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { z } from "zod";
import type { Idempotency } from "../db/idempotency.js";
import { Problem, problemFromDocument, type ErrorCode, type ProblemDocument } from "../errors.js";
import { principalName } from "../principal.js";
import { address, blockNumber, dateTime, hash } from "./primitives.js";
import { waitSeconds } from "./prefer.js";
import { defineRoute, type Method, type Reply, type Route, type RouteDescription, type RouteRequest } from "./route.js";

/** The members of RFC 9457, and whatever a problem adds. */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().optional(),
    code: z.string().describe("Stable; the table is at `GET /v1/errors`."),
    retryable: z.boolean(),
    remedy: z.string(),
  })
  .meta({ id: "Problem" });

/** The fate of something accepted, as the API shows it. */
export const operationSchema = z
  .strictObject({
    id: z.string().describe("The intent's hash for a signed intent, a UUID otherwise."),
    kind: z.string(),
    status: z.enum(["accepted", "sent", "final", "rejected"]),
    account: address.nullable(),
    participantId: z.int().nullable(),
    role: z.string().nullable(),
    intentHash: hash.nullable(),
    txHash: hash.nullable(),
    blockNumber: blockNumber.nullable(),
    result: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe("Once final: what came of it, as the number of a new participant."),
    problem: problemSchema.nullable().describe("Once rejected: why."),
    createdAt: dateTime,
    updatedAt: dateTime,
    links: z.strictObject({
      self: z.string(),
      transaction: z.string().nullable(),
      result: z.string().nullable(),
    }),
  })
  .meta({ id: "Operation" });

export interface OperationView extends Omit<z.output<typeof operationSchema>, "problem"> {
  readonly problem: ProblemDocument | null;
}

/** What acts need of the operations. */
export interface OperationsPort {
  /** The operation that the request became before. @throws Problem `idempotency-conflict` */
  findByKey(idempotency: Idempotency): Promise<string | undefined>;
  get(id: string): Promise<OperationView | undefined>;
  /** The operation as it was accepted in this turn of the event loop. */
  asAccepted(id: string): OperationView | undefined;
  /** The operation once it is final or rejected, or as it is when the time is up or the signal aborts. */
  wait(id: string, seconds: number, signal: AbortSignal): Promise<OperationView | undefined>;
}

export type ActRequest<Params, Body> = RouteRequest<Params, undefined, Body> & {
  /** Hand it on to what accepts the operation, so that both are written together. */
  readonly idempotency: Idempotency | undefined;
};

interface ActDescription<Params, Body> extends Omit<
  RouteDescription,
  "method" | "params" | "body" | "query" | "answers" | "isAct"
> {
  readonly method?: Extract<Method, "post" | "delete">;
  readonly params?: Params;
  readonly body?: Body;
  readonly problems?: readonly ErrorCode[];
  /** Validates, accepts, and returns the operation's id. */
  perform(
    request: ActRequest<
      Params extends z.ZodType ? z.output<Params> : undefined,
      Body extends z.ZodType ? z.output<Body> : undefined
    >,
  ): Promise<string>;
}

/** A route that asks for something to be done: answers with the operation that it became. Durable before it answers. */
export function defineAct<
  const Params extends z.ZodObject | undefined = undefined,
  const Body extends z.ZodType | undefined = undefined,
>(operations: OperationsPort, act: ActDescription<Params, Body>): Route {
  const { perform, ...description } = act;
  return defineRoute({
    method: "post",
    ...description,
    isAct: true,
    answers: {
      200: { description: "Final: it is on the chain and can be read.", schema: operationSchema },
      201: { description: "Final, and `Location` names what came of it.", schema: operationSchema },
      202: { description: "Accepted: it is durable, and ends as final or rejected.", schema: operationSchema },
    },
    async handle(request: RouteRequest<never, undefined, never>) {
      const idempotency = idempotencyOf(act.method ?? "post", request);
      const known = idempotency === undefined ? undefined : await operations.findByKey(idempotency);
      const id = known ?? (await perform({ ...request, idempotency }));
      return answer(operations, id, request);
    },
  });
}

const KEY_PATTERN = /^[\x21-\x7e]{1,128}$/;

function idempotencyOf(method: Method, request: RouteRequest<unknown, undefined, unknown>): Idempotency | undefined {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (!KEY_PATTERN.test(key))
    throw new Problem("header-invalid", "Idempotency-Key must be 1 to 128 visible ASCII characters.");
  const path = request.url.split("?", 1)[0] ?? "";
  const body = canonicalize(request.rawBody) ?? "";
  const requestHash = createHash("sha256").update(`${method} ${path}\n${body}`).digest("hex");
  return { principal: principalName(request.principal), key, requestHash };
}

/** The state of the operation decides, whether it came at once, by waiting, or is the repetition of an earlier request. */
async function answer(
  operations: OperationsPort,
  id: string,
  request: RouteRequest<unknown, undefined, unknown>,
): Promise<Reply> {
  const seconds = waitSeconds(request.headers["prefer"]);
  const operation =
    seconds === undefined
      ? (operations.asAccepted(id) ?? (await operations.get(id)))
      : await operations.wait(id, seconds, request.signal);
  if (operation === undefined) throw new Problem("internal", `Operation ${id} was accepted and cannot be found.`);

  const applied = seconds === undefined ? {} : { "preference-applied": `wait=${seconds}` };
  if (operation.status === "rejected" && operation.problem !== null) throw rejection(operation, operation.problem);
  const { self, result } = operation.links;
  if (operation.status !== "final") return { status: 202, body: operation, headers: { location: self, ...applied } };
  return { status: statusOf(operation), body: operation, headers: { location: result ?? self, ...applied } };
}

/** Of an operation that was not rejected: under way, final, or final with something that came of it. */
export function statusOf({ status, links }: OperationView): 200 | 201 | 202 {
  if (status !== "final") return 202;
  return links.result === null ? 200 : 201;
}

export function rejection(operation: OperationView, document: ProblemDocument): Problem {
  const problem = problemFromDocument(document);
  return new Problem(problem.code, problem.detail, { ...problem.extra, operationId: operation.id });
}
