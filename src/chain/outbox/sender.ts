import { Transaction } from "ethers";

import type { Lane } from "../../db/inbox-tables.js";
import type { RpcError } from "../rpc-errors.js";
import type { Signer } from "../signers.js";
import { bumpedFees } from "./fees.js";
import { laneKind } from "./metrics.js";
import { storeOf, type OutboxContext } from "./ports.js";
import {
  nonceAfterSigned,
  persistSigned,
  replaceSigned,
  type QueuedOperation,
  type StoredTransaction,
} from "./store.js";
import type { Mined } from "./witness.js";

/** A transaction whose fate is open, as the lane follows it in memory. */
export interface OpenTransaction {
  stored: StoredTransaction;
  /** Set once it is known to be in a block that the read model has applied. */
  mined: Mined | null;
  /** When this process last handed it to a node that answered; 0: never. */
  broadcastAt: number;
  /** How often in a row a node refused it: perhaps only because it had not seen the one before. */
  refusals: number;
  /** What it carries, in the order of its calls; null when another run sent it. */
  readonly operations: readonly QueuedOperation[] | null;
  /** The first broadcast, while it is under way. Never rejects. */
  delivery: Promise<void> | null;
  /** Other versions of the same nonce may have been signed, by this run or by another. */
  hasVersions: boolean;
}

/** A transaction that no node was handed yet. */
export function opened(stored: StoredTransaction, operations: readonly QueuedOperation[] | null): OpenTransaction {
  return {
    stored,
    mined: null,
    broadcastAt: 0,
    refusals: 0,
    operations,
    delivery: null,
    hasVersions: operations === null,
  };
}

/** A call on its way into a transaction. */
export interface OutgoingCall {
  readonly to: string;
  readonly data: string;
  readonly gasLimit: bigint;
}

/** A call, and what it does. */
export interface Outgoing {
  readonly call: OutgoingCall;
  readonly operations: readonly QueuedOperation[];
}

/**
 * Signs, writes down, broadcasts: in this order. At most one process does this for a key. A broadcast waits for the one before it, and
 * nobody waits for the broadcast: a node that runs a transaction before it answers leaves time to prepare the next.
 * @throws whatever the database or the chain throw before the transaction is written down; after that, nothing.
 */
export async function send(
  context: OutboxContext,
  lane: Lane,
  signer: Signer,
  call: OutgoingCall,
  operations: readonly QueuedOperation[],
): Promise<OpenTransaction> {
  const [sent] = await sendAll(context, lane, signer, [{ call, operations }]);
  if (sent === undefined) throw new Error("Nothing was sent");
  return sent;
}

/** As `send`, many at once: in one transaction of the database, and in one request to the node, which takes them in their order. */
export async function sendAll(
  context: OutboxContext,
  lane: Lane,
  signer: Signer,
  outgoing: readonly Outgoing[],
): Promise<OpenTransaction[]> {
  const fees = await context.facts.fees();
  const { address: sender } = signer;
  return context.turns(sender, async () => {
    const first = await nextNonce(context, sender);
    const sent = await Promise.all(
      outgoing.map(async ({ call, operations }, place) => {
        const nonce = first + BigInt(place);
        const { chainId } = context;
        const signed = await signer.signTransaction({ ...call, ...fees, chainId, nonce: Number(nonce) });
        return opened({ ...signed, sender, nonce, lane }, operations);
      }),
    );
    const carrying = sent.map(({ stored, operations }) => ({
      transaction: stored,
      operationIds: (operations ?? []).map(({ id }) => id),
    }));
    // Until it is certain that they are written down, what is has to be looked up.
    context.facts.setNextSigned(sender, undefined);
    await persistSigned(context.db, carrying, storeOf(context, lane).markSent);
    context.facts.setNextSigned(sender, first + BigInt(sent.length));

    context.metrics.sent.inc({ lane: laneKind(lane) }, sent.length);
    const delivery = context.turns(`broadcast ${sender}`, async () => {
      await broadcastAll(context, sent);
      for (const open of sent) open.delivery = null;
    });
    for (const open of sent) open.delivery = delivery;
    return sent;
  });
}

/**
 * Hands the bytes to the node, which may have them in a block before it answers. Never throws: whether the node took them shows in the
 * blocks, or later in its absence.
 * @returns The node's refusal, if it gave one.
 */
export async function broadcast(context: OutboxContext, open: OpenTransaction): Promise<RpcError | null> {
  const [refusal] = await broadcastAll(context, [open]);
  return refusal ?? null;
}

/** As `broadcast`, many in their order. */
async function broadcastAll(context: OutboxContext, list: readonly OpenTransaction[]): Promise<(RpcError | null)[]> {
  const { connection, logger, witness, projector } = context;
  for (const { stored } of list) witness.watch(stored.hash);
  let refusals: (RpcError | null)[];
  try {
    refusals = await connection.sendRawTransactions(list.map(({ stored }) => stored.raw));
  } catch (error) {
    // Perhaps no node has them: they are sent again as soon as one answers, not only when they seem stuck.
    for (const open of list) open.broadcastAt = 0;
    logger.warn({ error: String(error), txHash: list[0]?.stored.hash }, "The chain is away: transactions wait");
    return [];
  }
  for (const [place, open] of list.entries()) {
    open.broadcastAt = Date.now();
    open.refusals = (refusals[place] ?? null) === null ? 0 : open.refusals + 1;
  }
  if (refusals.some((refusal) => refusal === null)) projector.poke();
  return refusals;
}

/** Broadcasts again what is in no block: the same bytes where the network takes no fees, otherwise a version that pays more. */
export async function resend(context: OutboxContext, open: OpenTransaction, signer: Signer | null): Promise<void> {
  const { stored } = open;
  const fees = signer === null ? null : bumpedFees(stored.raw, await context.facts.fees());
  if (signer !== null && fees !== null) {
    const { to, data, gasLimit } = Transaction.from(stored.raw);
    const unsigned = { to: to ?? "", data, gasLimit, ...fees, chainId: context.chainId, nonce: Number(stored.nonce) };
    const signed = await signer.signTransaction(unsigned);
    const next = { ...stored, hash: signed.hash, raw: signed.raw };
    // Before it is written: when the acknowledgement gets lost, there is another version all the same.
    open.hasVersions = true;
    await replaceSigned(context.db, stored.hash, next);
    context.witness.forget(stored.hash);
    open.stored = next;
  }
  context.metrics.resent.inc({ lane: laneKind(stored.lane) });
  const refusal = await broadcast(context, open);
  const details = {
    txHash: open.stored.hash,
    nonce: stored.nonce.toString(),
    lane: stored.lane,
    refusal: refusal?.message,
  };
  context.logger.warn(details, "A transaction that was in no block was broadcast again");
}

/** The chain's count, or one more than the greatest that was signed, whichever is greater: several may be on their way. */
async function nextNonce({ facts, db }: OutboxContext, sender: string): Promise<bigint> {
  const [onChain, signed] = await Promise.all([
    facts.count(sender),
    facts.nextSigned(sender) ?? nonceAfterSigned(db, sender),
  ]);
  return onChain > signed ? onChain : signed;
}
