/**
 * No endpoint of the chain gave a usable answer: down, too slow, or answering something that is not JSON-RPC.
 * Says nothing about whether a sent transaction arrived. The same request may be sent again.
 */
export class ChainUnavailableError extends Error {
  override readonly name = "ChainUnavailableError";
  readonly retryable = true;
  readonly method: string;
  /** One line per endpoint that was tried: its position in the list and what was wrong. Never its URL, which may hold a secret. */
  readonly attempts: readonly string[];

  constructor(method: string, attempts: readonly string[]) {
    super(`The chain did not answer ${method}: ${attempts.join("; ")}`);
    this.method = method;
    this.attempts = attempts;
  }
}

/** The endpoints of one connection do not serve the same chain, or not the expected one. A person must mend the settings. */
export class ChainMismatchError extends Error {
  override readonly name = "ChainMismatchError";
  readonly retryable = false;
  readonly chainIds: readonly bigint[];

  constructor(chainIds: readonly bigint[]) {
    super(`The endpoints of the chain answer different chain ids: ${chainIds.join(", ")}`);
    this.chainIds = chainIds;
  }
}

/** The node understood the request and answered with a JSON-RPC error. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly retryable = false;
  readonly method: string;
  readonly code: number;
  /** Return data of a reverted call ("0x" + ABI encoded error), else null. */
  readonly data: string | null;

  constructor(method: string, code: number, message: string, data: string | null) {
    super(message);
    this.method = method;
    this.code = code;
    this.data = data;
  }
}
