import { hintedCallOf } from "../registry-calls.js";
import type { CallPayload } from "./payloads.js";
import { untilApplied, type OutboxContext } from "./ports.js";

/**
 * The call with the hint that fits now, from a read model that knows the latest block; as it is when it takes none.
 * @throws OutboxStoppedError
 */
export async function withFreshHint(context: OutboxContext, call: CallPayload): Promise<CallPayload> {
  const { hints, connection, addresses } = context;
  const hinted = hints === undefined ? null : hintedCallOf(call, addresses);
  if (hints === undefined || hinted === null) return call;

  await untilApplied(context, await connection.blockNumber());
  if (hinted.list === "statements") {
    return hinted.withHint(await hints.previousStatement(hinted.project, hinted.periodStart));
  }
  return hinted.withHint(await hints.previousForeignBlock(hinted.programme, hinted.series, hinted.start));
}
