import type { Lane } from "../../db/inbox-tables.js";
import type { Signer } from "../signers.js";
import { laneKind } from "./metrics.js";
import { storeOf, untilApplied, type OutboxContext, type OutboxSettings } from "./ports.js";
import type { ResultReader } from "./results.js";
import { persevere } from "./persevere.js";
import { broadcast, opened, resend, type OpenTransaction } from "./sender.js";
import {
  appliedHash,
  openTransactions,
  versionsOf,
  type Fate,
  type QueuedOperation,
  type TransactionFate,
} from "./store.js";
import { createWake } from "./wake.js";
import type { Mined } from "./witness.js";

/**
 * A lane is a queue of operations and the one key that sends them: one loop sends, another follows what was sent to its end.
 *
 * What a crash leaves behind, and why every operation still ends exactly once:
 * 1. Before `persistSigned` commits: the operations are `accepted`, and no bytes have left the process. They are signed anew.
 *    When only the acknowledgement of the commit is lost, this process reads what is written down, as the next one would.
 * 2. After it, before the broadcast: the transaction is `signed` with its bytes, and in no block. The same bytes are broadcast.
 * 3. After the broadcast, before the block: as 2. The node knows the bytes already, or has lost them and takes them again; as it is
 *    the same hash with the same nonce, it is mined once.
 * 4. After the block, before the fate is written: as 2, but there is a receipt. The fate is read from it.
 * 5. While the fate is written: it is one database transaction, all or nothing, hence 4 or 6.
 * 6. After it, before the waiters are told: they went down with the process; whoever asks again reads the fate.
 * A nonce that another transaction took sends the operations back to the queue, but only after the block where that shows is applied to
 * the read model and still no version of ours has a receipt: then none of ours can ever be mined. A key has one sender, so an act of an
 * institution is never under way twice; an intent could not be executed twice anyway, because the contract spends its nonce.
 */
export interface LaneRules {
  readonly lane: Lane;
  readonly maxInFlight: number;
  /**
   * Takes work from the queue and sends it, or rejects it.
   * @param unmined How many transactions of the lane are in no block yet: the state on the chain does not show them.
   * @returns What was sent, in the order of nonces; null when there was nothing to do.
   */
  step(unmined: number): Promise<{ readonly sent: OpenTransaction | readonly OpenTransaction[] | null } | null>;
  /** What the transaction means for the operations that it carried. */
  fatesOf(mined: Mined, operations: readonly QueuedOperation[]): Promise<Fate[]>;
  /** What becomes of the operations of a transaction whose nonce another one took. */
  fateOfSuperseded(operation: QueuedOperation): Fate;
  /** The key for a version that pays more; null when it is not ours. */
  signer(): Promise<Signer | null>;
}

export interface LaneRunner {
  /** There is something new in the queue. */
  kick(): void;
  /** Resolves when both loops have ended, after the context's signal aborts. */
  readonly done: Promise<void>;
  inFlight(): number;
}

/** How long, in milliseconds, the read model is given to meet a transaction before somebody asks for its receipt. */
const WITNESS_MS = 250;

export function runLane(context: OutboxContext, reader: ResultReader, rules: LaneRules): LaneRunner {
  const open: OpenTransaction[] = [];
  const queueWake = createWake();
  const openWake = createWake();
  const { settings, signal } = context;

  /** True until all that is written down as sent is followed. */
  let isForgetful = true;

  /** Takes up what an earlier process has sent, and what was written down although the database seemed to fail. */
  async function remember(): Promise<void> {
    const followed = new Set(open.map(({ stored }) => stored.hash));
    for (const stored of await openTransactions(context.db, rules.lane)) {
      if (!followed.has(stored.hash)) open.push(opened(stored, null));
    }
    openWake.notify();
  }

  async function sendOnce(): Promise<boolean> {
    if (isForgetful) await remember();
    isForgetful = true;
    const isSent = await sendNext();
    // A step that failed may have come as far as the commit: then this line is not reached.
    isForgetful = false;
    return isSent;
  }

  async function sendNext(): Promise<boolean> {
    const unmined = open.filter((transaction) => transaction.mined === null).length;
    if (unmined >= rules.maxInFlight) return false;
    // What follows on a transaction that no node has would only be refused: the nonces would have a gap.
    if (open.some(isUndelivered)) return false;
    const outcome = await rules.step(unmined);
    if (outcome === null) return false;
    const sent = [outcome.sent ?? []].flat();
    open.push(...sent);
    // What is sent together is delivered together.
    void sent.at(-1)?.delivery?.then(() => {
      openWake.notify();
      queueWake.notify();
    });
    openWake.notify();
    return true;
  }

  async function settleOnce(): Promise<boolean> {
    if (await settleSeen()) return true;
    // What follows on a transaction that is in no block is in none either: only what is due to be broadcast again is looked at.
    const waiting = new Set<string>();
    for (const transaction of [...open]) {
      if (signal.aborted) return false;
      const { sender } = transaction.stored;
      if (transaction.delivery !== null || (waiting.has(sender) && !isDue(transaction, settings))) continue;
      if (await followUp(context, reader, rules, transaction)) {
        leave([transaction]);
        // It took the read model to a block where others may be, too.
        return true;
      }
      waiting.add(sender);
    }
    return false;
  }

  /** Most come to their end in the blocks that the read model applies, many at once. */
  async function settleSeen(): Promise<boolean> {
    const seen: Ended[] = [];
    for (const transaction of open) {
      if (transaction.delivery !== null) continue;
      // Looked up each time: when fates could not be written down, the block may have gone before the next try.
      transaction.mined = context.witness.seen(transaction.stored.hash);
      if (transaction.mined !== null) seen.push({ transaction, mined: transaction.mined });
    }
    if (seen.length === 0) return false;
    await end(context, rules, seen);
    leave(seen.map(({ transaction }) => transaction));
    return true;
  }

  function leave(ended: readonly OpenTransaction[]): void {
    for (const transaction of ended) open.splice(open.indexOf(transaction), 1);
    queueWake.notify();
  }

  context.witness.onSeen(() => openWake.notify());
  const run = async (): Promise<void> => {
    await Promise.all([
      persevere(context, rules.lane, queueWake, async () => ((await sendOnce()) ? 0 : settings.pollMs)),
      persevere(context, rules.lane, openWake, async () => {
        if (await settleOnce()) return 0;
        if (open.length === 0) return settings.pollMs * 4;
        return open.some(isYoung) ? Math.min(WITNESS_MS, settings.pollMs) : settings.pollMs;
      }),
    ]);
    for (const { delivery } of open) await delivery;
  };

  return { kick: () => queueWake.notify(), done: run(), inFlight: () => open.length };
}

/** Takes one open transaction as far as it goes now. @returns true when its fate is written down. */
async function followUp(
  context: OutboxContext,
  reader: ResultReader,
  rules: LaneRules,
  transaction: OpenTransaction,
): Promise<boolean> {
  if (isYoung(transaction)) return false;
  const found = await findMined(context, reader, transaction);
  if (found === "moving") return false;
  transaction.mined = found;
  if (found === null) return missing(context, reader, rules, transaction);
  await end(context, rules, [{ transaction, mined: found }]);
  return true;
}

interface Ended {
  readonly transaction: OpenTransaction;
  readonly mined: Mined;
}

/** Writes down what became of transactions that are in blocks, and of what they carried. */
async function end(context: OutboxContext, rules: LaneRules, list: readonly Ended[]): Promise<void> {
  const fates: Fate[] = [];
  const transactions: TransactionFate[] = [];
  for (const { transaction, mined } of list) {
    const { transactionHash: hash, blockNumber, succeeded } = mined;
    const operations = transaction.operations ?? (await storeOf(context, rules.lane).carriedBy(hash));
    fates.push(...(await rules.fatesOf(mined, operations)));
    const isOnly = !transaction.hasVersions;
    transactions.push({ hash, status: succeeded ? "final" : "failed", blockNumber, isOnly });
  }
  await conclude(context, rules.lane, fates, transactions);
  for (const { transaction } of list) context.witness.forget(transaction.stored.hash);
}

/** No node has it, and none is being handed it right now. */
function isUndelivered({ mined, delivery, broadcastAt }: OpenTransaction): boolean {
  return mined === null && delivery === null && broadcastAt === 0;
}

/** How long, in milliseconds, to wait for a block before the next broadcast: longer after each refusal, as something else may be wrong. */
function pauseAfter(refusals: number, { retryMs, resendAfterMs }: OutboxSettings): number {
  return refusals === 0 ? resendAfterMs : Math.min(retryMs * 2 ** (refusals - 1), resendAfterMs);
}

/** No node has it, or it has waited for a block long enough. */
function isDue({ broadcastAt, refusals }: OpenTransaction, settings: OutboxSettings): boolean {
  return Date.now() - broadcastAt >= pauseAfter(refusals, settings);
}

/** It was handed to a node a moment ago: the read model will see it in a block soon, and nobody needs to ask for its receipt. */
function isYoung({ broadcastAt }: OpenTransaction): boolean {
  return Date.now() - broadcastAt < WITNESS_MS;
}

/** It is in no block: superseded, stuck, or simply young. @returns true when it is superseded, and that is written down. */
async function missing(
  context: OutboxContext,
  reader: ResultReader,
  rules: LaneRules,
  transaction: OpenTransaction,
): Promise<boolean> {
  const { connection, settings, metrics, logger } = context;
  const { stored } = transaction;
  const head = await connection.blockNumber();
  const count = await connection.getTransactionCount(stored.sender, "latest");
  if (count <= stored.nonce) {
    if (transaction.broadcastAt === 0) await broadcast(context, transaction);
    else {
      const pause = pauseAfter(transaction.refusals, settings);
      if (!isDue(transaction, settings)) return false;
      if (pause < settings.resendAfterMs) await broadcast(context, transaction);
      else await resend(context, transaction, await rules.signer());
    }
    return false;
  }

  await untilApplied(context, head);
  // The count may be from a block after `head`; then the receipt shows at the next look, one block later.
  const again = await connection.getTransactionCount(stored.sender, `0x${head.toString(16)}`);
  if (again <= stored.nonce) return false;
  if ((await findMined(context, reader, transaction)) !== null) return false;

  const operations = await storeOf(context, rules.lane).carriedBy(stored.hash);
  const fates = operations.map((operation) => rules.fateOfSuperseded(operation));
  context.facts.forgetCount(stored.sender);
  metrics.superseded.inc({ lane: laneKind(rules.lane) });
  logger.warn(
    { txHash: stored.hash, nonce: stored.nonce.toString(), sender: stored.sender },
    "Another transaction took the nonce",
  );
  await conclude(context, rules.lane, fates, [{ hash: stored.hash, status: "superseded", blockNumber: null }]);
  context.witness.forget(stored.hash);
  return true;
}

/**
 * Looks for a receipt, of any version: an older one that paid less may be the one that was mined. Waits until the read model has applied
 * its block.
 * @returns `moving` when an engine without finality has meanwhile put it into another block, or out of all.
 */
async function findMined(
  context: OutboxContext,
  reader: ResultReader,
  { stored }: OpenTransaction,
): Promise<Mined | "moving" | null> {
  for (const hash of await versionsOf(context.db, stored)) {
    const receipt = await context.connection.getReceipt(hash);
    if (receipt === null) continue;
    await untilApplied(context, receipt.blockNumber);
    const isStill = (await appliedHash(context.db, receipt.blockNumber)) === receipt.blockHash;
    return isStill ? reader.readReceipt(receipt) : "moving";
  }
  return null;
}

/** Writes fates down, with those of the transactions that carried them, then tells. */
export async function conclude(
  context: OutboxContext,
  lane: Lane,
  fates: readonly Fate[],
  transactions: readonly TransactionFate[] = [],
): Promise<void> {
  const ended = await storeOf(context, lane).settle(fates, transactions);
  const label = { lane: laneKind(lane) };
  const final = ended.filter((fate) => fate.status === "final").length;
  context.metrics.final.inc(label, final);
  context.metrics.rejected.inc(label, ended.length - final);
  if (ended.length > 0) {
    context.onSettled(
      ended.map((fate) => fate.id),
      ended,
    );
  }
}
