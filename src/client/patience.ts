/** When a request is tried again, and after what pause. */

const FIRST_PAUSE_MILLISECONDS = 200;
const LONGEST_PAUSE_MILLISECONDS = 30_000;
/** Answers of proxies and of a service that is busy or starting: nothing is wrong with the request. */
const PASSING_STATUS: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** The connection was never made, so that nothing can have been done. As Node names it. */
const NEVER_CONNECTED: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** The longest `Retry-After` that is waited for. What asks for more is for the caller to decide. */
export const LONGEST_RETRY_AFTER_SECONDS = 60;

/** Doubles with each attempt, with up to half as much again by chance, so that many clients do not come back at once. */
export function backoff(attempt: number, random: () => number): number {
  const pause = FIRST_PAUSE_MILLISECONDS * 2 ** (attempt - 1);
  return Math.min(pause * (1 + random() / 2), LONGEST_PAUSE_MILLISECONDS);
}

/** The pause that the service asked for, never less, and up to a tenth more by chance. In milliseconds. */
export function askedPause(retryAfterSeconds: number, random: () => number): number {
  return retryAfterSeconds * 1000 * (1 + random() / 10);
}

/** `Retry-After` in seconds: a number or a date, as HTTP has it. */
export function retryAfterSeconds(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(seconds, 0);
}

/** Whether the same request may be answered otherwise later. An operation that was rejected stays so. */
export function mayPass(problem: { status: number; retryable: boolean; operationId?: string | undefined }): boolean {
  if (problem.operationId !== undefined) return false;
  return problem.retryable || PASSING_STATUS.has(problem.status);
}

/** Whether the request that failed so was surely never handled. */
export function neverArrived(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === "object" && cause !== null && "code" in cause && NEVER_CONNECTED.has(cause.code);
}

/** Waits, but not longer than the caller does. Rejects with the signal's reason. */
export async function sleepUnless(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    signal?.addEventListener("abort", wake);
  });
  signal?.throwIfAborted();
}
