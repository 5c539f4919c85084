import { randomUUID } from "node:crypto";
import type { RequestHandler, Response } from "express";
import { Problem } from "../errors.js";
import type { Logger } from "../logger.js";
import { ANONYMOUS, principalName, type Principal } from "../principal.js";
import type { HttpMetrics } from "./metrics.js";

/** What belongs to one request, from its first byte to the last of its answer. */
export interface RequestContext {
  readonly requestId: string;
  readonly log: Logger;
  /** Aborts when the caller is gone or the service stops. */
  readonly signal: AbortSignal;
  principal: Principal;
  /** Path of the route, for metrics: never the path with its values. */
  route: string;
}

const CONTEXT = "context";
const DEFAULT_MAX_IN_FLIGHT = 1_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function contextOf(response: Response): RequestContext {
  return response.locals[CONTEXT] as RequestContext;
}

/** Numbers, times and logs every request. A caller may choose the request's id, if it is a UUID. */
export function createContext(deps: { logger: Logger; shutdown: AbortSignal }, metrics: HttpMetrics): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const given = request.get("x-request-id");
    const requestId = given !== undefined && UUID.test(given) ? given.toLowerCase() : randomUUID();
    const gone = new AbortController();
    const context: RequestContext = {
      requestId,
      log: deps.logger.child({ requestId }),
      signal: AbortSignal.any([gone.signal, deps.shutdown]),
      principal: ANONYMOUS,
      route: "other",
    };
    response.locals[CONTEXT] = context;
    response.set("x-request-id", requestId);

    response.once("close", () => {
      // Who has the whole answer waits for nothing; an abort with its error and stack is dear.
      if (!response.writableFinished) gone.abort();
      const milliseconds = performance.now() - started;
      const status = response.writableFinished ? response.statusCode : 499;
      metrics.seconds.observe(
        { method: request.method, route: context.route, status: String(status) },
        milliseconds / 1000,
      );
      const line = {
        method: request.method,
        path: request.originalUrl.split("?", 1)[0],
        status,
        milliseconds: Math.round(milliseconds),
        principal: principalName(context.principal),
      };
      context.log.info(line, "request");
    });
    next();
  };
}

export const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
  });
  next();
};

/** A limit on everything: beyond it a caller is asked to come back, and those who are in are served. Health is always told. */
export function limitInFlight(
  deps: { shutdown: AbortSignal; maxInFlight?: number },
  metrics: HttpMetrics,
): RequestHandler {
  const limit = deps.maxInFlight ?? DEFAULT_MAX_IN_FLIGHT;
  let inFlight = 0;
  return (request, response, next) => {
    if (request.path.startsWith("/health/")) {
      next();
      return;
    }
    if (deps.shutdown.aborted) {
      response.set("connection", "close");
      throw new Problem("shutting-down");
    }
    if (inFlight >= limit) throw new Problem("too-many-requests");
    inFlight++;
    metrics.inFlight.set(inFlight);
    response.once("close", () => {
      inFlight--;
      metrics.inFlight.set(inFlight);
    });
    next();
  };
}
