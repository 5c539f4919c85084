import { Transaction } from "ethers";

import type { Lane } from "../../db/inbox-tables.js";
import { RpcError } from "../rpc-errors.js";
import type { Signer } from "../signers.js";
import { bumpedFees } from "./fees.js";
import { laneKind } from "./metrics.js";
import type { OutboxContext } from "./ports.js";
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
}

/** A transaction that no node was handed yet. */
export function opened(stored: StoredTransaction, operations: readonly QueuedOperation[] | null): OpenTransaction {
  return { stored, mined: null, broadcastAt: 0, refusals: 0, operations, delivery: null };
}

/** A call on its way into a transaction. */
export interface OutgoingCall {
  readonly to: string;
  readonly data: string;
  readonly gasLimit: bigint;
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
  const fees = await context.facts.fees();
  const ids = operations.map(({ id }) => id);
  return context.turns(signer.address, async () => {
    const nonce = await nextNonce(context, signer.address);
    const signed = await signer.signTransaction({ ...call, ...fees, chainId: context.chainId, nonce: Number(nonce) });
    const stored = { hash: signed.hash, raw: signed.raw, sender: signer.address, nonce, lane };
    await persistSigned(context.db, stored, ids);

    const open = opened(stored, operations);
    context.metrics.sent.inc({ lane: laneKind(lane) });
    const delivery = context.turns(`broadcast ${signer.address}`, () => broadcast(context, open));
    open.delivery = delivery.then(() => {
      open.delivery = null;
    });
    return open;
  });
}

/**
 * Hands the bytes to the node, which may have them in a block before it answers. Never throws: whether the node took them shows in the
 * blocks, or later in its absence.
 * @returns The node's refusal, if it gave one.
 */
export async function broadcast(context: OutboxContext, open: OpenTransaction): Promise<RpcError | null> {
  const { connection, logger, witness, projector } = context;
  witness.watch(open.stored.hash);
  try {
    await connection.sendRawTransaction(open.stored.raw);
    open.broadcastAt = Date.now();
    open.refusals = 0;
  } catch (error) {
    open.broadcastAt = error instanceof RpcError ? Date.now() : 0;
    if (error instanceof RpcError) {
      open.refusals += 1;
      return error;
    }
    // Perhaps no node has it: it is sent again as soon as one answers, not only when it seems stuck.
    logger.warn({ error: String(error), txHash: open.stored.hash }, "The chain is away: the transaction waits");
    return null;
  }
  projector.poke();
  return null;
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
  const [onChain, signed] = await Promise.all([facts.count(sender), nonceAfterSigned(db, sender)]);
  return onChain > signed ? onChain : signed;
}
