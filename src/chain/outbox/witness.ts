import type { LedgerEvent } from "../event-types.js";

/** A transaction that is in a block, and what it did to the ledger. */
export interface Mined {
  readonly transactionHash: string;
  readonly blockNumber: bigint;
  /** False: it is in the block and reverted. */
  readonly succeeded: boolean;
  readonly events: readonly LedgerEvent[];
}

/** What the read model tells when it has changed: the events of the blocks that it applied, or how far it went back. */
export interface WitnessedAdvance {
  readonly kind: "applied" | "rolled-back";
  readonly position: { readonly blockNumber: bigint };
  readonly events: readonly LedgerEvent[];
}

/**
 * Sees transactions of ours in the blocks that the read model applies. It has read their events anyway: who finds a transaction here
 * needs no receipt, which would carry all of them a second time. What reverted leaves no event, and is never found here.
 */
export interface Witness {
  /** From now on what is met of the transaction is kept. */
  watch(hash: string): void;
  /** The transaction as the read model has applied it; null as long as it has not, or when it left no event. */
  seen(hash: string): Mined | null;
  /** Its fate is written down. */
  forget(hash: string): void;
  /** Called whenever one of the watched was seen. */
  onSeen(listener: () => void): void;
  /** To be told of every change of the read model. */
  readonly tell: (advance: WitnessedAdvance) => void;
}

export function createWitness(): Witness {
  const watched = new Map<string, LedgerEvent[]>();
  const listeners: (() => void)[] = [];
  return {
    watch(hash) {
      if (!watched.has(hash)) watched.set(hash, []);
    },
    seen(hash) {
      const events = watched.get(hash);
      const [first] = events ?? [];
      if (events === undefined || first === undefined) return null;
      return { transactionHash: hash, blockNumber: first.blockNumber, succeeded: true, events };
    },
    forget: (hash) => void watched.delete(hash),
    onSeen: (listener) => void listeners.push(listener),
    tell({ kind, position, events }) {
      if (kind === "rolled-back") {
        for (const [hash, [first]] of watched)
          if (first !== undefined && first.blockNumber > position.blockNumber) watched.set(hash, []);
        return;
      }
      let isAny = false;
      for (const event of events) {
        const kept = watched.get(event.txHash);
        kept?.push(event);
        isAny ||= kept !== undefined;
      }
      if (isAny) for (const listener of listeners) listener();
    },
  };
}
