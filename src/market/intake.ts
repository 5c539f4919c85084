import type { Connection } from "../chain/connection.js";
import type { IntentDomain } from "../chain/intents.js";
import type { OrderJson } from "../chain/orders.js";
import { recoverSigner } from "../chain/signature.js";
import { isWalletSignature } from "../chain/wallet-signature.js";
import { Problem } from "../errors.js";
import type { AcceptedOrder, MarketCommand } from "./commands.js";
import { orderDigest } from "./digest.js";
import type { Effects, OrderRecord } from "./engine.js";
import type { MarketHost } from "./host.js";
import { needOf } from "./money.js";
import type { NoncePair } from "./nonces.js";
import { CASH, type Clock, type MarketRules } from "./ports.js";
import { acceptedOrder, checkFee, checkOrder, type IncomingOrder } from "./rules.js";

/**
 * Who signed an order. @param hash Its digest.
 * @returns the EIP-55 address, or `null` when the signature is malformed or recovers nothing
 */
export type RecoverOrderSigner = (order: OrderJson, hash: string, signature: string) => string | null;

export interface IntakeOptions {
  readonly host: MarketHost;
  readonly rules: MarketRules;
  readonly clock: Clock;
  readonly domain: IntentDomain;
  /** Asked only about accounts that are contracts. */
  readonly connection: Pick<Connection, "getCode" | "call">;
  /** Native code when left out; the benchmark holds it against another library. */
  readonly recoverOrderSigner?: RecoverOrderSigner | undefined;
}

const recoverNatively: RecoverOrderSigner = (_order, hash, signature) => recoverSigner(hash, signature);

/** An order that is to take the place of another. */
export interface Replacement {
  readonly old: OrderRecord;
}

/** `known`: its nonce is used up, perhaps by the very same order: that is to be looked up. */
export type Verdict =
  | { readonly status: "accepted"; readonly record: OrderRecord }
  | { readonly status: "known"; readonly hash: string; readonly problem: Problem }
  | { readonly status: "refused"; readonly problem: Problem };

export interface OrderIntake {
  /**
   * Judges orders, each by itself, and submits those that pass. Resolves when they are durable and matched.
   * @throws what is no judgement: database or chain away
   */
  place(incoming: readonly IncomingOrder[], replacement?: Replacement): Promise<Verdict[]>;
  hashOf(order: OrderJson): string;
  /** @throws Problem `order-signature-invalid` */
  checkSignature(order: OrderJson, hash: string, signature: string): Promise<void>;
}

/** Signatures recovered in a row before others get their turn: each takes a tenth of a millisecond. */
const SIGNATURES_AT_ONCE = 16;

/** The door of the markets. */
export function createIntake(options: IntakeOptions): OrderIntake {
  const { host, rules, clock, domain, connection, recoverOrderSigner = recoverNatively } = options;
  const { facts, nonces, reservations } = host;
  /** Orders between acceptance and their effects. */
  const inFlight = new Map<string, Promise<Verdict>>();

  const hashOf = (order: OrderJson): string => orderDigest(order, domain);

  /** @throws Problem; what is wrong with its numbers, in words of the market, where they do not fit into what is signed */
  function hashOfIncoming(item: IncomingOrder): string {
    try {
      return hashOf(item.order);
    } catch (error) {
      checkOrder(item, rules, clock.now());
      throw error;
    }
  }

  async function checkSignature(order: OrderJson, hash: string, signature: string): Promise<void> {
    const { account } = order;
    const signer = recoverOrderSigner(order, hash, signature);
    if (signer === account) return;
    if (await isWalletSignature(connection, account, hash, signature)) return;
    const detail =
      signer === null
        ? "The signature is malformed."
        : `The signature over ${hash} is that of ${signer}, not of ${account}: another key, another order, or another exchange.`;
    throw new Problem("order-signature-invalid", detail, { evidence: { account, signer, orderHash: hash } });
  }

  /** Every check but signature and funds. Facts and nonces must be loaded. */
  function judge(incoming: IncomingOrder, hash: string, replacement?: Replacement): AcceptedOrder {
    const at = clock.now();
    const { order } = incoming;
    const numbers = checkOrder(incoming, rules, at);
    checkFee(order, numbers.maximumFee, facts.feeAt(at));
    const kind = rules.instrument(order.batch)?.kind ?? "credit";
    const refusal = facts.refusalOf(order.account, order.batch, kind, at);
    if (refusal !== undefined) throw refusal;
    const account = facts.account(order.account);
    const participantId = account?.participantId ?? 0;
    checkNonce(order, numbers.nonce, account?.firstValidNonce ?? 0);
    checkSession(incoming.session, participantId);
    if (replacement !== undefined) checkReplacement(order, replacement.old);
    const accepted = acceptedOrder(incoming, numbers, {
      hash,
      participantId,
      selects: null,
      kycExpiresAt: account?.kycExpiresAt ?? 0,
      endOfDay: () => rules.endOfDay(order.batch, at),
    });
    return incoming.selects === undefined ? accepted : selecting(accepted, incoming.selects);
  }

  function checkNonce({ account, batch }: OrderJson, nonce: number, floor: number): void {
    if (nonce >= floor && !nonces.isUsed({ account, batch }, nonce)) return;
    throw usedUp({ account, batch }, nonce.toString(), floor);
  }

  function usedUp({ account, batch }: NoncePair, nonce: string, floor: number): Problem {
    const next = nonces.next({ account, batch }, floor, false);
    return new Problem("order-nonce-used", `Nonce ${nonce} of ${account} is used up; the next is ${next}.`, {
      evidence: { account, batch, nonce, next: next.toString() },
    });
  }

  /** What the same words get that came a moment before: it may be another who sends them, with no signature for them. */
  async function afterwards(running: Promise<Verdict>, { order }: IncomingOrder, hash: string): Promise<Verdict> {
    const verdict = await running;
    if (verdict.status !== "accepted") return verdict;
    const { account, batch, nonce } = order;
    const floor = facts.account(account)?.firstValidNonce ?? 0;
    return { status: "known", hash, problem: usedUp({ account, batch }, nonce, floor) };
  }

  function checkSession(session: string | undefined, participantId: number): void {
    if (session === undefined || host.sessions.isOpen(session, participantId)) return;
    throw new Problem("order-session-unknown", undefined, { evidence: { session } });
  }

  /** @throws Problem `put-through-unavailable` when the firm order cannot be taken like this */
  function selecting(order: AcceptedOrder, target: string): AcceptedOrder {
    const firm = host.openByHash(target);
    if (firm === undefined) throw unavailable(target, "order-unknown");
    const fault = faultOfSelection(order, firm);
    if (fault !== undefined) throw unavailable(target, fault);
    return { ...order, selects: firm.number };
  }

  /** Nonce and funds are taken, and the command is on its way, in one turn of the event loop. */
  function admit(order: AcceptedOrder, replacement?: Replacement): Promise<Verdict> {
    const { account, batch, nonce, hash } = order;
    const key = `order:${hash}`;
    const asset = order.side === "sell" ? batch : CASH;
    const credit = replacement === undefined ? undefined : `order:${replacement.old.order.hash}`;
    const refusal = reservations.tryReserve(key, account, asset, needOf(order, order.tonnes), credit);
    if (refusal !== undefined) throw refusal;
    nonces.claim({ account, batch }, nonce);

    const command: MarketCommand =
      replacement === undefined
        ? { kind: "order", order }
        : { kind: "replace", number: replacement.old.number, filledTonnes: replacement.old.filledTonnes, order };
    const verdict = host.submit(command).then(verdictOf, (error: unknown) => {
      reservations.release(key);
      nonces.free({ account, batch }, nonce);
      throw error;
    });
    inFlight.set(hash, verdict);
    const end = (): void => void inFlight.delete(hash);
    verdict.then(end, end);
    return verdict;
  }

  /** Whether facts are there: a block may have outdated them since they were loaded. */
  const isLoaded = ({ order }: IncomingOrder): boolean => facts.account(order.account) !== undefined;

  /** The verdict is not waited for: the next order is examined meanwhile, and shares the commit. */
  function examine(item: IncomingOrder, replacement?: Replacement): Promise<Verdict> {
    try {
      const hash = hashOfIncoming(item);
      const running = inFlight.get(hash);
      if (running !== undefined) return afterwards(running, item, hash);
      const order = judge(item, hash, replacement);
      return recoverOrderSigner(item.order, hash, item.signature) === order.account
        ? admit(order, replacement)
        : examineWallet(item, hash, replacement);
    } catch (error) {
      return verdictOfError(error, item);
    }
  }

  /** The account may be a contract that has its own idea of signatures. */
  async function examineWallet(item: IncomingOrder, hash: string, replacement?: Replacement): Promise<Verdict> {
    try {
      await checkSignature(item.order, hash, item.signature);
      // While the chain was asked, things may have changed.
      await facts.load([item.order.account]);
      return await admit(judge(item, hash, replacement), replacement);
    } catch (error) {
      return verdictOfError(error, item);
    }
  }

  async function verdictOfError(error: unknown, { order }: IncomingOrder): Promise<Verdict> {
    if (!(error instanceof Problem)) throw error;
    if (error.code !== "order-nonce-used") return { status: "refused", problem: error };
    return { status: "known", hash: hashOf(order), problem: error };
  }

  async function place(incoming: readonly IncomingOrder[], replacement?: Replacement): Promise<Verdict[]> {
    await host.ready();
    const accounts = new Set(incoming.map(({ order }) => order.account));
    const pairs = incoming.map(({ order: { account, batch } }) => ({ account, batch }));
    await Promise.all([facts.load(accounts), nonces.load(pairs)]);
    const verdicts: Promise<Verdict>[] = [];
    for (const [place, item] of incoming.entries()) {
      if (place % SIGNATURES_AT_ONCE === SIGNATURES_AT_ONCE - 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (!isLoaded(item)) await facts.load(accounts);
      verdicts.push(examine(item, replacement));
    }
    // All of them are told how they ended before any error is.
    const settled = await Promise.allSettled(verdicts);
    return settled.map((result) => {
      if (result.status === "rejected") throw result.reason;
      return result.value;
    });
  }

  return { place, hashOf, checkSignature };
}

function verdictOf({ placed, rejection }: Effects): Verdict {
  if (placed === null) throw new RangeError("A command that brought an order placed none");
  if (placed.reason === "replaced-order-changed") return { status: "refused", problem: new Problem("order-changed") };
  if (rejection !== null) return { status: "refused", problem: unavailable(placed.order.hash, rejection) };
  return { status: "accepted", record: placed };
}

function faultOfSelection(order: AcceptedOrder, firm: OrderRecord): string | undefined {
  const left = firm.order.tonnes - firm.filledTonnes;
  if (firm.order.mode !== "put-through" || firm.order.batch !== order.batch) return "order-unknown";
  if (firm.order.side === order.side) return "side-invalid";
  if (firm.order.participantId === order.participantId) return "self-trade";
  if (order.side === "buy" ? order.price < firm.order.price : order.price > firm.order.price)
    return "price-outside-limit";
  if (order.tonnes > left) return "tonnes-unavailable";
  const isFirst = firm.filledTonnes === 0;
  return isFirst && order.tonnes < firm.order.minimumTonnes ? "below-minimum" : undefined;
}

function unavailable(order: string, fault: string): Problem {
  return new Problem("put-through-unavailable", `The selection is refused: ${fault}.`, { evidence: { order, fault } });
}

function checkReplacement(order: OrderJson, { order: old }: OrderRecord): void {
  if (order.account === old.account && order.batch === old.batch && order.side === old.side) return;
  const detail = "An order is replaced by one of the same account, batch and side.";
  throw new Problem("order-terms-invalid", detail, { evidence: { replaces: old.hash } });
}
