import { currentFees, type Fees } from "./fees.js";
import type { OutboxConnection } from "./ports.js";

/** How long, in milliseconds, a fee holds: twice the base fee is paid, which is enough through six full blocks in a row. */
const FEES_HOLD_MS = 2_000;
/** How long, in milliseconds, an account's count of transactions is believed. Nobody else sends with our keys, so it only guards. */
const COUNTS_HOLD_MS = 10_000;

/** What a transaction must know of the chain before it is signed, without asking each time. */
export interface ChainFacts {
  fees(): Promise<Fees>;
  /** A lower bound of the account's next nonce. */
  count(account: string): Promise<bigint>;
  /** The nonce after the greatest that this process has written down; undefined where that must be looked up. */
  nextSigned(account: string): bigint | undefined;
  /** @param next undefined as long as nobody knows what is written down */
  setNextSigned(account: string, next: bigint | undefined): void;
  /** What is known of the account's nonces was wrong: it is asked again. */
  forgetCount(account: string): void;
}

interface Known<T> {
  readonly at: number;
  readonly value: Promise<T>;
}

export function createChainFacts(connection: OutboxConnection): ChainFacts {
  let fees: Known<Fees> | null = null;
  const counts = new Map<string, Known<bigint>>();
  const signed = new Map<string, bigint>();

  return {
    fees() {
      if (fees === null || performance.now() - fees.at > FEES_HOLD_MS) {
        const asked = { at: performance.now(), value: currentFees(connection) };
        asked.value.catch(() => {
          if (fees === asked) fees = null;
        });
        fees = asked;
      }
      return fees.value;
    },
    count(account) {
      const known = counts.get(account);
      if (known !== undefined && performance.now() - known.at <= COUNTS_HOLD_MS) return known.value;
      const asked = { at: performance.now(), value: connection.getTransactionCount(account, "latest") };
      asked.value.catch(() => {
        if (counts.get(account) === asked) counts.delete(account);
      });
      counts.set(account, asked);
      return asked.value;
    },
    nextSigned: (account) => signed.get(account),
    setNextSigned(account, next) {
      if (next === undefined) signed.delete(account);
      else signed.set(account, next);
    },
    forgetCount(account) {
      counts.delete(account);
      signed.delete(account);
    },
  };
}
