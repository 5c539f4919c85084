/** One line of the published error table. */
export interface ErrorRow {
  /** HTTP status of the answer, or of the rejection of an operation. */
  readonly status: number;
  /** What went wrong, the same words every time (RFC 9457 `title`). */
  readonly title: string;
  /** True when the same request may succeed later without a change. */
  readonly retryable: boolean;
  /** What the caller can do about it. */
  readonly remedy: string;
  /** Seconds for the `Retry-After` header. */
  readonly retryAfterSeconds?: number;
  /** Name of the Solidity error that the row stands for. */
  readonly solidity?: string;
}

/** A row for a custom error of a contract. The same call can only succeed after somebody changed something: not retryable. */
export function contractRow(solidity: string, status: number, title: string, remedy: string): ErrorRow {
  return { status, title, retryable: false, remedy, solidity };
}

/** A row for a condition that passes by itself; `solidity` when it is a contract that says so. */
export function passingRow(
  status: number,
  title: string,
  remedy: string,
  retryAfterSeconds: number,
  solidity?: string,
): ErrorRow {
  return { status, title, retryable: true, remedy, retryAfterSeconds, ...(solidity === undefined ? {} : { solidity }) };
}

/** A row for a mistake that repeats until the request changes. */
export function lastingRow(status: number, title: string, remedy: string): ErrorRow {
  return { status, title, retryable: false, remedy };
}
