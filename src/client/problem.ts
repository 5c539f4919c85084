import type { ErrorCode as TableCode } from "../errors.js";
import type { Operation, ProblemCode, ProblemDocument } from "./types.js";

/**
 * Every code of the published table (`GET /v1/errors`), as far as it was known when this client was made, and `unexpected-answer`, which
 * the client itself gives to what is no problem document.
 */
export type ErrorCode = TableCode | "unexpected-answer";

/** What is known of the tries that ended in an error. */
export interface Tries {
  /** How often the request was sent. More than one: an earlier try may have reached the service, though its answer did not come. */
  readonly attempts: number;
  /** Of the request, when it was one that asks for something to be done. */
  readonly idempotencyKey?: string | undefined;
  /** From the `Retry-After` header. */
  readonly retryAfterSeconds?: number | undefined;
}

/** The service refused: `problem` is its RFC 9457 document, `code` the stable name listed at `GET /v1/errors`. See `isProblem`. */
export class ApiProblem extends Error {
  readonly problem: ProblemDocument;
  readonly attempts: number;
  readonly idempotencyKey: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: ProblemDocument, tries: Tries = { attempts: 1 }) {
    super(`${problem.code}: ${problem.detail}`);
    this.name = "ApiProblem";
    this.problem = problem;
    this.attempts = tries.attempts;
    this.idempotencyKey = tries.idempotencyKey;
    this.retryAfterSeconds = tries.retryAfterSeconds;
  }

  get code(): ProblemCode {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }

  get retryable(): boolean {
    return this.problem.retryable;
  }

  /** The operation that ended so, when the refused act had become one. */
  get operationId(): string | undefined {
    return this.problem.operationId;
  }
}

/**
 * No usable answer came, however often it was tried. Whether the request arrived is not known: repeat it as it was, with
 * `client.repeat(error)`. To call the function anew would be another request.
 */
export class ApiUnreachable extends Error {
  readonly attempts: number;
  readonly idempotencyKey: string | undefined;

  constructor(method: string, url: string, tries: Tries, cause: unknown) {
    super(`No answer to ${method} ${url} after ${tries.attempts} attempts: ${reasonOf(cause)}`, { cause });
    this.name = "ApiUnreachable";
    this.attempts = tries.attempts;
    this.idempotencyKey = tries.idempotencyKey;
  }
}

/** The time that was given is over, and the operation is still on its way: it ends later, as final or as rejected. */
export class OperationPending extends Error {
  /** As it was seen last. */
  readonly operation: Operation<object>;

  constructor(operation: Operation<object>, timeoutSeconds: number) {
    super(`Operation ${operation.id} is still ${operation.status} after ${timeoutSeconds} s`);
    this.name = "OperationPending";
    this.operation = operation;
  }
}

/**
 * Whether it is a refusal with one of these codes, or any refusal when none is given. A code that the table does not have is a mistake
 * that the compiler finds.
 */
export function isProblem<Code extends ErrorCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is ApiProblem & { readonly code: Code } {
  return error instanceof ApiProblem && (codes.length === 0 || codes.some((code) => code === error.code));
}

/** The problem in an answer; one made up for the occasion when a proxy, or something that is not the service, answered. */
export function problemOf(status: number, body: unknown): ProblemDocument {
  if (isDocument(body)) return body;
  return {
    type: "about:blank",
    title: "Unexpected answer",
    status,
    detail: `The server answered ${status} without a problem document.`,
    code: "unexpected-answer",
    retryable: status >= 500,
    remedy: "Check that the base URL is the service's own.",
  };
}

function isDocument(body: unknown): body is ProblemDocument {
  return typeof body === "object" && body !== null && "code" in body && "status" in body && "detail" in body;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? `${cause.message} (${cause.cause.message})` : cause.message;
}
