import express, { Router, type Express, type Request, type RequestHandler, type Response } from "express";
import type { Registry } from "prom-client";
import { z } from "zod";
import { jsonText } from "../db/json.js";
import { errorTable, Problem } from "../errors.js";
import type { Logger } from "../logger.js";
import { authenticate, authorize, type FindKey } from "./auth.js";
import { parseJsonBody } from "./body.js";
import { contextOf, createContext, limitInFlight, securityHeaders } from "./context.js";
import { docsRouter } from "./docs.js";
import { readiness, type HealthCheck } from "./health.js";
import { createHttpMetrics } from "./metrics.js";
import { takingMinBlock } from "./min-block.js";
import { openapiDocument, type ApiInfo } from "./openapi.js";
import { answerProblem } from "./problem-answer.js";
import { principalName, type Principal, type PrivilegedRead } from "../principal.js";
import { sendContent } from "./content.js";
import { defineRoute, ok, type Reply, type Route } from "./route.js";
import { receiveUpload, type UploadedFile } from "./upload.js";
import { createStreamer, type Streamer, type StreamSettings } from "./stream.js";
import { validate, type RawParts } from "./validate.js";

export interface AppDeps {
  readonly routes: readonly Route[];
  readonly info: ApiInfo;
  readonly logger: Logger;
  /** Where all metrics of the service are. */
  readonly registry: Registry;
  readonly findKey: FindKey;
  readonly checks: readonly HealthCheck[];
  /** Resolves once the read model knows the block. @throws Problem `read-model-behind` when that takes too long */
  waitForBlock(block: bigint, signal: AbortSignal): Promise<void>;
  /** Told, before anything is read, what is not public and is read with more rights than a participant has. */
  recordRead?(read: PrivilegedRead): Promise<void>;
  /** Aborts when the service stops: nothing new is taken, and nobody waits any longer. */
  readonly shutdown: AbortSignal;
  /** Requests answered at once, waiting ones included; 1,000 when left out. */
  readonly maxInFlight?: number;
  readonly streams?: StreamSettings;
  /** For tests: an answer that does not fit its own schema is an internal error. */
  readonly checkAnswers?: boolean;
}

/** The HTTP side of the service: the same for the process and for the tests. Listens nowhere. */
export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.enable("case sensitive routing");
  app.set("query parser", "simple");

  const metrics = createHttpMetrics(deps.registry);
  app.use(createContext(deps, metrics), securityHeaders, limitInFlight(deps, metrics));

  app.get("/health/live", (_request, response) => {
    send(response, ok({ status: "live" }));
  });
  app.get("/health/ready", async (_request, response) => {
    const result = await readiness(deps.checks);
    if (result.status === "ready") send(response, ok(result));
    else send(response, { status: 503, body: result, headers: { "retry-after": "1" } });
  });
  app.get("/metrics", async (_request, response) => {
    response.set("content-type", deps.registry.contentType).send(await deps.registry.metrics());
  });
  app.get("/", (_request, response) => response.redirect(303, "/docs/"));
  app.use("/docs", docsRouter());
  const routes = [...deps.routes, errorsRoute].map(takingMinBlock);
  const document = jsonText(openapiDocument(routes, deps.info));
  app.get(["/openapi.json", "/v1/openapi.json"], (_request, response) => void response.type("json").send(document));
  app.use("/v1", apiRouter(routes, deps));

  app.use(() => {
    throw new Problem("unknown-path");
  });
  app.use(answerProblem);
  return app;
}

function apiRouter(routes: readonly Route[], deps: AppDeps): Router {
  const router = Router({ caseSensitive: true });
  const streamer = createStreamer(deps.streams);

  const byPath = Map.groupBy(routes, (route) => expressPath(route.path));
  for (const [path, alternatives] of byPath) {
    for (const route of alternatives) router[route.method](path, handlerOf(route, deps, streamer));
    router.all(path, refuseMethod(alternatives));
  }
  return router;
}

function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ":$1");
}

function handlerOf(route: Route, deps: AppDeps, streamer: Streamer): RequestHandler {
  return async (request, response) => {
    const context = contextOf(response);
    context.route = route.path;
    const principal = await authenticate(request.headers.authorization, deps.findKey);
    context.principal = principal;
    authorize(principal, route.access);
    await recordRead(deps, route, principal, { request, requestId: context.requestId });

    const upload = route.upload === undefined ? undefined : await receiveUpload(request, route.upload);
    const rawBody = upload?.fields ?? (route.body === undefined ? undefined : await parseJsonBody(request, response));
    const parsed = await validated(route, request, rawBody, upload?.file);
    const minBlock = minBlockOf(parsed.query);
    if (minBlock !== undefined) await deps.waitForBlock(minBlock, context.signal);

    const reply = await route.handle({
      ...(upload === undefined ? {} : { file: upload.file }),
      params: parsed.params as never,
      query: parsed.query as never,
      body: parsed.body as never,
      rawBody: rawBody ?? null,
      principal,
      headers: singleHeaders(request),
      url: request.originalUrl,
      requestId: context.requestId,
      signal: context.signal,
      log: context.log,
    });
    if (deps.checkAnswers) checkAnswer(route, reply);
    if (reply.content !== undefined) {
      await sendContent(response, reply, reply.content);
      return;
    }
    if (reply.stream === undefined) {
      send(response, reply);
      return;
    }
    if (request.method === "HEAD") {
      response.status(200).type("text/event-stream").end();
      return;
    }
    streamer.send(response, {
      streaming: reply.stream,
      events: route.events ?? {},
      key: principal.kind === "key" ? principalName(principal) : undefined,
      signal: context.signal,
      checkAnswers: deps.checkAnswers === true,
    });
  };
}

/** A file that came with what does not fit is thrown away. @throws Problem as `validate` */
async function validated(
  route: Route,
  { params, query }: Request,
  body: unknown,
  file: UploadedFile | undefined,
): Promise<RawParts> {
  try {
    return validate(route, { params, query, body });
  } catch (error) {
    await file?.discard();
    throw error;
  }
}

/** In one place, so that no route can forget it. */
async function recordRead(
  deps: AppDeps,
  route: Route,
  principal: Principal,
  { request, requestId }: { readonly request: Request; readonly requestId: string },
): Promise<void> {
  if (route.method !== "get" || route.access === "public") return;
  if (principal.kind !== "key" || principal.scope === "participant") return;
  const { keyId, scope, role } = principal;
  const { method, originalUrl: url } = request;
  await deps.recordRead?.({ keyId, scope, role, method, route: route.path, url, requestId });
}

function minBlockOf(query: unknown): bigint | undefined {
  if (typeof query !== "object" || query === null || !("minBlock" in query)) return undefined;
  return typeof query.minBlock === "bigint" ? query.minBlock : undefined;
}

function singleHeaders(request: Request): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
}

function checkAnswer(route: Route, reply: Reply): void {
  const answer = route.answers[reply.status];
  if (answer === undefined) throw new Error(`${route.method} ${route.path} answered an undeclared ${reply.status}.`);
  const type = reply.content?.type.split(";", 1)[0];
  if (type !== undefined && answer.contentTypes?.includes(type) !== true)
    throw new Error(`${route.method} ${route.path} answered an undeclared ${type}.`);
  if (answer.schema === undefined || reply.content !== undefined) return;
  const result = answer.schema.safeParse(JSON.parse(jsonText(reply.body)));
  if (result.success) return;
  throw new Error(`${route.method} ${route.path} does not fit its schema: ${z.prettifyError(result.error)}`);
}

function send(response: Response, reply: Reply): void {
  response.status(reply.status).set(reply.headers ?? {});
  if (reply.body === undefined) response.end();
  else response.type("json").send(jsonText(reply.body));
}

function refuseMethod(alternatives: readonly Route[]): RequestHandler {
  const methods = alternatives.map((route) => route.method.toUpperCase());
  const allow = [...new Set([...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"])].join(", ");
  return (request, response) => {
    response.set("allow", allow);
    if (request.method !== "OPTIONS") throw new Problem("method-not-allowed", `This path takes ${allow}.`);
    response.status(204).end();
  };
}

const errorsRoute = defineRoute({
  method: "get",
  path: "/errors",
  summary: "Every error that this API can answer",
  tag: "Service",
  access: "public",
  answers: {
    200: {
      description: "The whole table, sorted by code.",
      schema: z.strictObject({
        items: z.array(
          z.strictObject({
            code: z.string(),
            status: z.int(),
            title: z.string(),
            retryable: z.boolean(),
            remedy: z.string(),
            contractError: z.string().nullable().describe("Name of the Solidity error that it stands for."),
          }),
        ),
      }),
    },
  },
  async handle() {
    const items = Object.entries(errorTable)
      .map(([code, { status, title, retryable, remedy, ...row }]) => {
        const contractError = "solidity" in row ? (row.solidity ?? null) : null;
        return { code, status, title, retryable, remedy, contractError };
      })
      .toSorted((a, b) => (a.code < b.code ? -1 : 1));
    return ok({ items });
  },
});
