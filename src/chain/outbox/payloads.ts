import { Transaction, getAddress } from "ethers";

import type { JsonObject } from "../../db/inbox-tables.js";
import type { SignedIntentItem } from "../intent-payload.js";

/** Payload of an operation on lane `intents`: the item of `executeBatch`. */
export type IntentPayload = SignedIntentItem;

/** Payload of an operation on a lane `institution:<address>`: one call, signed with that account's key. */
export interface CallPayload {
  readonly to: string;
  /** ABI encoding of the call, hex. */
  readonly data: string;
}

/**
 * A call that was planned together with those around it: it is sent without being simulated, as long as nothing planned fails.
 * `gas`, a decimal, bounds what it takes.
 */
export interface PlannedCallPayload extends CallPayload {
  readonly gas: string;
}

/** Payload of an operation on lane `raw`: a transaction that somebody else signed. */
export interface RawPayload {
  readonly raw: string;
}

/** What a raw transaction says, once it is known to be well formed. */
export interface RawTransaction {
  readonly hash: string;
  /** EIP-55. */
  readonly sender: string;
  readonly nonce: bigint;
  /** Null for a deployment. */
  readonly to: string | null;
  readonly data: string;
  readonly chainId: bigint;
}

/** Not a signed transaction, or one for another chain. `reason` is for the sender. */
export class RawTransactionError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "RawTransactionError";
  }
}

/**
 * Reads a signed transaction.
 * @throws RawTransactionError when it is malformed, unsigned, not bound to a chain, or for another chain.
 */
export function parseRawTransaction(raw: string, chainId: bigint): RawTransaction {
  const transaction = parse(raw);
  const { hash, from } = transaction;
  if (hash === null || from === null) throw new RawTransactionError("The transaction is not signed.");
  if (transaction.chainId !== chainId) {
    throw new RawTransactionError(`The transaction is for chain ${transaction.chainId}, this is ${chainId}.`);
  }
  return {
    hash,
    sender: getAddress(from),
    nonce: BigInt(transaction.nonce),
    to: transaction.to === null ? null : getAddress(transaction.to),
    data: transaction.data,
    chainId,
  };
}

function parse(raw: string): Transaction {
  try {
    return Transaction.from(raw);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split(" (", 1)[0] : "not readable";
    throw new RawTransactionError(`The transaction is malformed: ${reason}`);
  }
}

export function intentPayload(payload: JsonObject): IntentPayload {
  const { kind, payload: data, signature } = payload;
  if (typeof kind !== "number" || typeof data !== "string" || typeof signature !== "string")
    throw new PayloadError("intents");
  return { kind, payload: data, signature };
}

export function callPayload(payload: JsonObject): CallPayload {
  const { to, data } = payload;
  if (typeof to !== "string" || typeof data !== "string") throw new PayloadError("institution");
  return { to, data };
}

/** The gas of a planned call; null for any other. */
export function plannedGasOf({ gas }: JsonObject): bigint | null {
  return typeof gas === "string" && /^\d{1,12}$/.test(gas) ? BigInt(gas) : null;
}

export function rawPayload(payload: JsonObject): RawPayload {
  const { raw } = payload;
  if (typeof raw !== "string") throw new PayloadError("raw");
  return { raw };
}

/** A stored payload that does not fit its lane: the program that wrote it is broken. */
export class PayloadError extends Error {
  constructor(lane: string) {
    super(`A stored payload does not fit lane ${lane}`);
    this.name = "PayloadError";
  }
}
