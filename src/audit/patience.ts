import { setTimeout as sleep } from "node:timers/promises";
import { ChainUnavailableError } from "../chain/rpc-errors.js";

/** Milliseconds before each further attempt. */
const PAUSES = [100, 400, 1_500, 4_000, 10_000];

/** What a revert looks like, and a call to an address without code. Both are answers. */
export function isAnswer(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "CALL_EXCEPTION" || error.code === "BAD_DATA");
}

/** Asks again when no answer came. An error that the node answers with is asked about twice more: nodes have weak moments. */
export async function patiently<T>(ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      const limit = error instanceof ChainUnavailableError ? PAUSES.length : 2;
      const pause = PAUSES[attempt];
      if (isAnswer(error) || attempt >= limit || pause === undefined) throw error;
      await sleep(pause, undefined, { signal });
    }
  }
}
