import type { ErrorRequestHandler } from "express";
import { ChainUnavailableError, RpcError } from "../chain/rpc-errors.js";
import { BlockMissingError } from "../chain/source.js";
import { isDatabaseUnavailable } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import { Problem, problemDocument } from "../errors.js";
import { contextOf } from "./context.js";

/** Answers whatever was thrown as `application/problem+json`. Only what nobody foresaw is an error in the log. */
export const answerProblem: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const { log, requestId } = contextOf(response);
  const problem = toProblem(error);
  if (problem.code === "internal") log.error({ err: error }, "request failed");
  else if (problem.status >= 500) log.warn({ err: error }, problem.code);
  if (response.headersSent) {
    next(error);
    return;
  }

  const { retryAfterSeconds } = problem.row;
  if (retryAfterSeconds !== undefined) response.set("retry-after", String(retryAfterSeconds));
  if (problem.status === 401) response.set("www-authenticate", "Bearer");
  const document = problemDocument(problem, `urn:uuid:${requestId}`);
  response.status(problem.status).set("content-type", "application/problem+json").send(jsonText(document));
};

/** The row of the error table for anything thrown. What is inside an unforeseen error stays inside. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isChainUnavailable(error)) return new Problem("chain-unavailable", undefined, {}, { cause: error });
  if (isDatabaseUnavailable(error)) return new Problem("database-unavailable", undefined, {}, { cause: error });
  // Express says so about a path with a broken percent encoding.
  if (error instanceof URIError) return new Problem("unknown-path", "The path is not properly encoded.");
  return new Problem("internal", undefined, {}, { cause: error });
}

/** JSON-RPC 2.0: the request was not understood, so that asking again does not help. */
const MISUNDERSTANDINGS = new Set([-32_600, -32_601, -32_602]);

/** A node that answers with an error of its own, or without the latest block, is of no more use than one that does not answer. */
function isChainUnavailable(error: unknown): boolean {
  if (error instanceof RpcError) return !MISUNDERSTANDINGS.has(error.code);
  return error instanceof ChainUnavailableError || error instanceof BlockMissingError;
}
