import { setTimeout as sleep } from "node:timers/promises";
import { ChainUnavailableError } from "../chain/rpc-errors.js";
import { AuditError } from "./findings.js";

/** Milliseconds before each further attempt. */
const PAUSES = [100, 400, 1_500, 4_000, 10_000];

/** What a revert with its data looks like, and a call to an address without code. Both are answers. */
export function isAnswer(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  if (error.code === "BAD_DATA") return true;
  return error.code === "CALL_EXCEPTION" && "data" in error && error.data !== null;
}

/**
 * Asks again when no answer came. An error that the node answers with is asked about three times more: nodes have weak moments. A call that the
 * node cannot carry out, for it has no longer the state of that block, ends in an AuditError.
 */
export async function patiently<T>(ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      const limit = error instanceof ChainUnavailableError ? PAUSES.length : 3;
      const pause = PAUSES[attempt];
      if (isAnswer(error)) throw error;
      if (attempt >= limit || pause === undefined) throw inWords(error);
      await sleep(pause, undefined, { signal });
    }
  }
}

/** Calls that fail without a revert carry the node's own words deep inside. */
function inWords(error: unknown): unknown {
  if (!(error instanceof Error) || !("info" in error)) return error;
  const { info } = error as { info?: { error?: { message?: unknown } } | null };
  const said = typeof info?.error?.message === "string" ? info.error.message : error.message.slice(0, 200);
  const message = `The node cannot say what the contracts had at that block: ${said}. It may keep recent state only.`;
  return new AuditError(message, { cause: error });
}
