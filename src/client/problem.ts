import type { ProblemDocument } from "./types.js";

/** The service refused: `problem` is its RFC 9457 document, `code` the stable name listed at `GET /v1/errors`. */
export class ApiProblem extends Error {
  readonly problem: ProblemDocument;

  constructor(problem: ProblemDocument) {
    super(`${problem.code}: ${problem.detail}`);
    this.name = "ApiProblem";
    this.problem = problem;
  }

  get code(): string {
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

/** No usable answer came, however often it was tried. Whether the request arrived is not known: repeat it as it was. */
export class ApiUnreachable extends Error {
  readonly attempts: number;

  constructor(method: string, url: string, attempts: number, cause: unknown) {
    super(`No answer to ${method} ${url} after ${attempts} attempts: ${reasonOf(cause)}`, { cause });
    this.name = "ApiUnreachable";
    this.attempts = attempts;
  }
}

/** The problem in an answer; one made up for the occasion when a proxy, or something that is not the service, answered. */
export function problemOf(status: number, body: unknown): ProblemDocument {
  if (isProblem(body)) return body;
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

function isProblem(body: unknown): body is ProblemDocument {
  return typeof body === "object" && body !== null && "code" in body && "status" in body && "detail" in body;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? `${cause.message} (${cause.cause.message})` : cause.message;
}
