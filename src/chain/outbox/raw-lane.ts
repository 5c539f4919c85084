import { sql } from "kysely";

import { conclude, type LaneRules } from "./lane.js";
import { RawTransactionError, parseRawTransaction, rawPayload, type RawTransaction } from "./payloads.js";
import type { OutboxContext } from "./ports.js";
import { problemOf } from "./problems.js";
import { rejectionOfReverted } from "./reverted.js";
import type { ResultReader } from "./results.js";
import { broadcast, opened, type OpenTransaction } from "./sender.js";
import { persistSigned, takeAccepted, type QueuedOperation } from "./store.js";

const LANE = "raw";

/** Raw transactions have senders of their own, so that one does not wait for another. */
const MAX_IN_FLIGHT = 64;

/** The lane of transactions that somebody else signed: checked, written down, and passed on as they are. */
export function rawLane(context: OutboxContext, reader: ResultReader): LaneRules {
  async function step(): ReturnType<LaneRules["step"]> {
    const [operation] = await takeAccepted(context.db, LANE, 1);
    if (operation === undefined) return null;
    const { raw } = rawPayload(operation.payload);
    const transaction = parse(raw);
    if (transaction instanceof RawTransactionError) return reject(operation, transaction.message);
    if (await isNonceTaken(transaction)) {
      return reject(operation, "Another transaction of the sender with this nonce was passed on before.");
    }

    const { hash, sender, nonce } = transaction;
    const stored = { hash, sender, nonce, raw, lane: LANE } as const;
    await persistSigned(context.db, [{ transaction: stored, operationIds: [operation.id] }]);

    const sent = opened(stored, [operation]);
    context.metrics.sent.inc({ lane: LANE });
    const refusal = await broadcast(context, sent);
    if (refusal === null || (await isTaken(sent))) return { sent };
    await reject(operation, `The chain refused it: ${refusal.message}`, hash);
    context.witness.forget(hash);
    return { sent: null };
  }

  function parse(raw: string): RawTransaction | RawTransactionError {
    try {
      return parseRawTransaction(raw, context.chainId);
    } catch (error) {
      if (error instanceof RawTransactionError) return error;
      throw error;
    }
  }

  async function isNonceTaken({ sender, nonce }: RawTransaction): Promise<boolean> {
    const query = context.db
      .selectFrom("transactions")
      .select("hash")
      .where("sender", "=", sender)
      .where("nonce", "=", nonce);
    return (await query.where("status", "<>", sql.lit("superseded")).executeTakeFirst()) !== undefined;
  }

  /** A node also refuses what it has already, or what is too late: only what the chain does not know and still could take is at an end. */
  async function isTaken({ stored }: OpenTransaction): Promise<boolean> {
    if ((await context.connection.request("eth_getTransactionByHash", [stored.hash])) !== null) return true;
    return (await context.connection.getTransactionCount(stored.sender, "latest")) > stored.nonce;
  }

  async function reject({ id }: QueuedOperation, detail: string, hash?: string): ReturnType<LaneRules["step"]> {
    const problem = problemOf(id, "transaction-invalid", detail);
    const transactions = hash === undefined ? [] : [{ hash, status: "superseded", blockNumber: null } as const];
    await conclude(
      context,
      LANE,
      [{ id, status: "rejected", problem, txHash: hash ?? null, blockNumber: null }],
      transactions,
    );
    return { sent: null };
  }

  return {
    lane: LANE,
    maxInFlight: MAX_IN_FLIGHT,
    step,
    fatesOf: (mined, operations) =>
      Promise.all(
        operations.map(async ({ id, payload }) => {
          const { transactionHash: txHash, blockNumber } = mined;
          if (mined.succeeded) return { id, status: "final", result: reader.readCall(mined), txHash, blockNumber };
          const { sender, to, data } = parseRawTransaction(rawPayload(payload).raw, context.chainId);
          return rejectionOfReverted(context, mined, id, { from: sender, data, ...(to === null ? {} : { to }) });
        }),
      ),
    fateOfSuperseded: ({ id }) => ({
      id,
      status: "rejected",
      problem: problemOf(id, "transaction-superseded", "Another transaction of the sender took the nonce."),
      txHash: null,
      blockNumber: null,
    }),
    signer: () => Promise.resolve(null),
  };
}
