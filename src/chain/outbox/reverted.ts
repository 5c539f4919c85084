import { isExecutionFailure, revertDataOf } from "../revert.js";
import { RpcError } from "../rpc-errors.js";
import type { CallRequest } from "../rpc-shapes.js";
import type { OutboxContext } from "./ports.js";
import { problemOfRevert } from "./problems.js";
import type { Fate } from "./store.js";
import type { Mined } from "./witness.js";

/**
 * The rejection for a call that is in a block and reverted. The receipt keeps no reason: the call is repeated on the state before the
 * block, which is what it met unless something else in the same block changed it.
 */
export async function rejectionOfReverted(
  context: OutboxContext,
  mined: Mined,
  operationId: string,
  call: CallRequest,
): Promise<Fate> {
  const { transactionHash: txHash, blockNumber } = mined;
  const before = `0x${(blockNumber - 1n).toString(16)}`;
  let data = "0x";
  try {
    await context.connection.call(call, before);
  } catch (error) {
    if (!(error instanceof RpcError) || !isExecutionFailure(error)) throw error;
    data = revertDataOf(error) ?? "0x";
  }
  return { id: operationId, status: "rejected", problem: problemOfRevert(operationId, data), txHash, blockNumber };
}
