import { Interface } from "ethers";

import { IIntents__factory } from "../../../types/ethers-contracts/factories/interfaces/IIntents__factory.js";
import { encodeBatch } from "../intent-payload.js";
import type { IntentPayload } from "./payloads.js";
import { intentPayload } from "./payloads.js";
import { decodeRevert, isExecutionFailure, revertDataOf } from "../revert.js";
import { RpcError } from "../rpc-errors.js";
import { conclude, type LaneRules } from "./lane.js";
import { untilApplied, type OutboxContext } from "./ports.js";
import { problemOf, problemOfRevert } from "./problems.js";
import type { ResultReader } from "./results.js";
import { send } from "./sender.js";
import { takeAccepted, type Fate, type QueuedOperation } from "./store.js";
import type { Mined } from "./witness.js";

const LANE = "intents";
const INTENTS = new Interface(IIntents__factory.abi);

/** Gas for the transaction itself and the loop of the batch. */
const BASE_GAS = 100_000n;
/** Calldata of an intent: some 800 bytes at 16 gas each, and its copy. */
const CALLDATA_GAS = 20_000n;

/** How many questions about single intents go to the node at once. */
const QUESTIONS_AT_ONCE = 16;

/** What the simulation of a batch said about its members. */
interface Simulation {
  readonly send: QueuedOperation[];
  readonly fates: Fate[];
}

/**
 * The lane of signed intents: up to `batchSize` in a transaction to `Intents.executeBatch`, paid by the relayer.
 *
 * What is accepted nearly always succeeds, and the contract isolates what fails; executing every batch twice would cost the node more
 * than it saves. So a batch is simulated only while there is reason to doubt: after a start, and from a failure on the chain until a
 * simulated batch has nothing against it. Then an intent that fails costs no transaction: it is asked about alone; if it fails alone
 * too, and nothing of the lane is on its way to a block, its reason is its fate. If it succeeds alone, only the order of the batch was
 * against it (or its share of gas was too small, when it was the first): it stays in the queue.
 */
export function intentsLane(context: OutboxContext, reader: ResultReader): LaneRules {
  const { settings, connection, relayer } = context;
  const address = context.addresses.Intents;
  /** Intents that need more gas than a batch grants: they go alone. */
  const heavy = new Set<string>();
  let batchLimit = settings.batchSize;
  let isTrusting = false;

  const gasOf = (count: number, isHeavy: boolean): { perIntent: bigint; limit: bigint } => {
    const perIntent = isHeavy ? settings.heavyGas : settings.gasPerIntent;
    // The contract grants an item its share only while 63/64 of the gas left cover it: the last one needs that on top.
    const share = perIntent + perIntent / 32n;
    return { perIntent, limit: BASE_GAS + share + BigInt(count) * (settings.usualGas + CALLDATA_GAS) };
  };

  const encode = (operations: readonly QueuedOperation[], perIntent: bigint): string =>
    encodeBatch(operations.map(itemOf), perIntent);

  /** Whether each succeeds, in order; null when the batch does not fit into its gas. */
  async function simulateBatch(operations: readonly QueuedOperation[], isHeavy: boolean): Promise<boolean[] | null> {
    const gas = gasOf(operations.length, isHeavy);
    try {
      const request = { from: relayer.address, to: address, data: encode(operations, gas.perIntent), gas: gas.limit };
      const [flags] = INTENTS.decodeFunctionResult("executeBatch", await connection.call(request)) as unknown as [
        boolean[],
      ];
      return [...flags];
    } catch (error) {
      if (error instanceof RpcError && isExecutionFailure(error)) return null;
      throw error;
    }
  }

  /** The revert data of one intent, executed now and alone; null when it would succeed. */
  async function failureAlone(operation: QueuedOperation): Promise<string | null> {
    const data = INTENTS.encodeFunctionData("executeOne", [itemOf(operation)]);
    try {
      // Only the contract itself may call this; a question may be asked in anybody's name.
      await connection.call({ from: address, to: address, data, gas: settings.heavyGas });
      return null;
    } catch (error) {
      if (error instanceof RpcError && isExecutionFailure(error)) return revertDataOf(error) ?? "0x";
      throw error;
    }
  }

  async function examine(
    operations: readonly QueuedOperation[],
    flags: readonly boolean[],
    unmined: number,
  ): Promise<Simulation> {
    const failed = operations.filter((_, i) => flags[i] !== true);
    const fates: Fate[] = [];
    for (let start = 0; unmined === 0 && start < failed.length; start += QUESTIONS_AT_ONCE) {
      const some = failed.slice(start, start + QUESTIONS_AT_ONCE);
      const reasons = await Promise.all(some.map(failureAlone));
      for (const [i, operation] of some.entries()) {
        const reason = reasons[i] ?? null;
        if (reason !== null) fates.push(await fateOfRefused(operation, reason, null));
        else if (operation === operations[0]) heavy.add(operation.id);
      }
    }
    return { send: operations.filter((_, i) => flags[i] === true), fates };
  }

  /** A nonce that is used up may have been used by this very intent, relayed by somebody else. */
  async function fateOfRefused(operation: QueuedOperation, reason: string, mined: Mined | null): Promise<Fate> {
    if (decodeRevert(reason)?.name === "IntentsNonceUsed") {
      const executed = await executedElsewhere(operation);
      if (executed !== null) return executed;
    }
    return {
      id: operation.id,
      status: "rejected",
      problem: problemOfRevert(operation.id, reason),
      txHash: mined?.transactionHash ?? null,
      blockNumber: mined?.blockNumber ?? null,
    };
  }

  async function executedElsewhere(operation: QueuedOperation): Promise<Fate | null> {
    await untilApplied(context, await connection.blockNumber());
    const row = await context.db
      .selectFrom("intents")
      .select(["tx_hash", "block_number"])
      .where("hash", "=", operation.intentHash ?? "")
      .executeTakeFirst();
    if (row === undefined) return null;
    const receipt = await connection.getReceipt(row.tx_hash);
    const result =
      receipt === null
        ? undefined
        : reader.readBatch(reader.readReceipt(receipt)).executed.get(operation.intentHash ?? "");
    return {
      id: operation.id,
      status: "final",
      result: result ?? {},
      txHash: row.tx_hash,
      blockNumber: row.block_number,
    };
  }

  async function step(unmined: number): ReturnType<LaneRules["step"]> {
    const queue = await takeAccepted(context.db, LANE, batchLimit);
    const [first] = queue;
    if (first === undefined) return null;
    const alone = heavy.has(first.id);
    const operations = alone ? [first] : queue;
    if (isTrusting && !alone) return sendBatch(queue, false);

    const flags = await simulateBatch(operations, alone);
    if (flags === null) return tooMuch(operations, alone, unmined);
    const { send: good, fates } = await examine(operations, flags, unmined);
    if (fates.length > 0) await conclude(context, LANE, fates);
    if (good.length === 0) {
      if (fates.length > 0 || (!alone && heavy.has(first.id))) return { sent: null };
      // It succeeds by itself, but not in a batch of one with all the gas there is: the chain cannot take it.
      return alone && unmined === 0 ? giveUp(first) : null;
    }
    isTrusting = good.length === operations.length;
    return sendBatch(good, alone);
  }

  async function sendBatch(good: readonly QueuedOperation[], alone: boolean): ReturnType<LaneRules["step"]> {
    const gas = gasOf(good.length, alone);
    context.metrics.batchSize.observe(good.length);
    const call = { to: address, data: encode(good, gas.perIntent), gasLimit: gas.limit };
    const sent = await send(context, LANE, relayer, call, good);
    for (const operation of good) heavy.delete(operation.id);
    batchLimit = Math.min(settings.batchSize, batchLimit * 2);
    return { sent };
  }

  /** The batch as a whole does not fit: a smaller one will; one that does not fit alone never will. */
  async function tooMuch(
    operations: readonly QueuedOperation[],
    alone: boolean,
    unmined: number,
  ): ReturnType<LaneRules["step"]> {
    const [first] = operations;
    if (operations.length > 1) batchLimit = Math.max(1, Math.floor(operations.length / 2));
    else if (first !== undefined && !alone) heavy.add(first.id);
    else if (first !== undefined && unmined === 0) return giveUp(first);
    else return null;
    return { sent: null };
  }

  async function giveUp(operation: QueuedOperation): ReturnType<LaneRules["step"]> {
    const problem = problemOf(
      operation.id,
      "transaction-failed",
      "The intent needs more gas than one transaction may use.",
    );
    await conclude(context, LANE, [{ id: operation.id, status: "rejected", problem, txHash: null, blockNumber: null }]);
    heavy.delete(operation.id);
    return { sent: null };
  }

  async function fatesOf(mined: Mined, operations: readonly QueuedOperation[]): Promise<Fate[]> {
    const { transactionHash: txHash, blockNumber } = mined;
    const back = (operation: QueuedOperation): Fate => ({
      id: operation.id,
      status: "accepted",
      txHash: null,
      blockNumber: null,
    });
    if (!mined.succeeded) {
      isTrusting = false;
      batchLimit = Math.max(1, Math.floor(operations.length / 2));
      context.logger.warn(
        { txHash, intents: operations.length },
        "A batch failed as a whole: its intents are sent again",
      );
      return operations.map(back);
    }
    const outcome = reader.readBatch(mined);
    if (outcome.failed.size > 0) isTrusting = false;
    return Promise.all(
      operations.map(async (operation, position): Promise<Fate> => {
        const result = outcome.executed.get(operation.intentHash ?? "");
        if (result !== undefined) return { id: operation.id, status: "final", result, txHash, blockNumber };
        const reason = outcome.failed.get(position) ?? "0x";
        // No reason at all: it ran out of its share of gas, which only a wallet contract can make so big.
        if (reason === "0x" && operations.length > 1) {
          heavy.add(operation.id);
          return back(operation);
        }
        return fateOfRefused(operation, reason, mined);
      }),
    );
  }

  return {
    lane: LANE,
    maxInFlight: settings.maxInFlight,
    step,
    fatesOf,
    fateOfSuperseded: (operation) => ({ id: operation.id, status: "accepted", txHash: null, blockNumber: null }),
    signer: () => Promise.resolve(relayer),
  };
}

function itemOf(operation: QueuedOperation): IntentPayload {
  return intentPayload(operation.payload);
}
