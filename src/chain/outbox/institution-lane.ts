import { getAddress } from "ethers";

import type { Lane } from "../../db/inbox-tables.js";
import { isExecutionFailure, revertDataOf } from "../revert.js";
import { RpcError } from "../rpc-errors.js";
import { SignerUnknownError } from "../signers.js";
import { conclude, type LaneRules } from "./lane.js";
import { callPayload } from "./payloads.js";
import type { OutboxContext } from "./ports.js";
import { problemOf, problemOfRevert } from "./problems.js";
import { rejectionOfReverted } from "./reverted.js";
import type { ResultReader } from "./results.js";
import { send } from "./sender.js";
import { takeAccepted, type QueuedOperation } from "./store.js";

const PREFIX = "institution:";

/** The lane of an institutional account. */
export function institutionLaneOf(account: string): Lane {
  return `institution:${getAddress(account)}`;
}

export function isInstitutionLane(lane: string): lane is `institution:${string}` {
  return lane.startsWith(PREFIX);
}

/**
 * The lane of one institutional account: each operation is one contract call, in the order of acceptance, one at a time, because each
 * is simulated on the state that the one before it left. What the contract refuses in the simulation is rejected and never sent.
 */
export function institutionLane(
  context: OutboxContext,
  lane: `institution:${string}`,
  reader: ResultReader,
): LaneRules {
  const address = lane.slice(PREFIX.length);
  const { connection, settings } = context;

  async function step(): ReturnType<LaneRules["step"]> {
    const [operation] = await takeAccepted(context.db, lane, 1);
    if (operation === undefined) return null;
    const signer = await context.signers.signerOf(address).catch((error: unknown) => {
      if (error instanceof SignerUnknownError) return null;
      throw error;
    });
    if (signer === null) {
      return reject(
        operation,
        problemOf(operation.id, "signer-unavailable", `The service holds no key for ${address}.`),
      );
    }

    const call = callPayload(operation.payload);
    let gas: bigint;
    try {
      const request = { from: signer.address, to: call.to, data: call.data };
      await connection.call(request);
      gas = await connection.estimateGas(request);
    } catch (error) {
      if (!(error instanceof RpcError) || !isExecutionFailure(error)) throw error;
      return reject(operation, problemOfRevert(operation.id, revertDataOf(error) ?? "0x"));
    }

    // A quarter more than now: the state may have changed a little by the time it is mined.
    const outgoing = { to: call.to, data: call.data, gasLimit: gas + gas / 4n };
    return { sent: await send(context, lane, signer, outgoing, [operation.id]) };
  }

  async function reject(
    operation: QueuedOperation,
    problem: ReturnType<typeof problemOf>,
  ): ReturnType<LaneRules["step"]> {
    await conclude(context, lane, [{ id: operation.id, status: "rejected", problem, txHash: null, blockNumber: null }]);
    return { sent: null };
  }

  return {
    lane,
    maxInFlight: Math.min(1, settings.maxInFlight),
    step,
    fatesOf: (receipt, operations) =>
      Promise.all(
        operations.map(async ({ id, payload }) => {
          const { transactionHash: txHash, blockNumber } = receipt;
          if (receipt.succeeded) return { id, status: "final", result: reader.readCall(receipt), txHash, blockNumber };
          return rejectionOfReverted(context, receipt, id, { from: address, ...callPayload(payload) });
        }),
      ),
    fateOfSuperseded: ({ id }) => ({ id, status: "accepted", txHash: null, blockNumber: null }),
    signer: () => context.signers.signerOf(address),
  };
}
