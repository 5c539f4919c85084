import { FoldError } from "../ledger/row-cache.js";
import { SerialPartition, type OwnedRange, type SerialOwner, type SerialRange } from "../ledger/serial-partition.js";
import { Amounts } from "./amounts.js";

/** Everything that the logs say about one batch. */
export class BatchState {
  /** Tonnes that came out of nothing, by the serial blocks. */
  issued = 0n;
  /** Tonnes that the registry says it issued. */
  announced = 0n;
  retired = 0n;
  cancelled = 0n;
  /** Tonnes by account. Below zero when the logs contradict themselves. */
  readonly holdings = new Amounts();
  readonly frozen = new Amounts();
  /** The logs gave a serial to two, or moved one that was not there: from then on the batch is compared in tonnes only. */
  isBroken = false;
  #serials: SerialPartition;

  constructor(runs: Iterable<OwnedRange> = []) {
    this.#serials = new SerialPartition(runs);
  }

  runs(): readonly OwnedRange[] {
    return this.#serials.runs();
  }

  /** The serial blocks that an account holds, in the order of serials. */
  blocksOf(account: string): SerialRange[] {
    return this.runs()
      .filter((run) => run.state === "held" && run.account === account)
      .map(({ start, end }) => ({ start, end }));
  }

  /** The serial blocks of every holder. */
  blocksByAccount(): Map<string, SerialRange[]> {
    const blocks = new Map<string, SerialRange[]>();
    for (const { state, account, start, end } of this.runs()) {
      if (state !== "held") continue;
      const list = blocks.get(account) ?? [];
      list.push({ start, end });
      blocks.set(account, list);
    }
    return blocks;
  }

  /** The run that has a serial of a range and is not this holder's. */
  ownerWithin(range: SerialRange, holder: string): OwnedRange | undefined {
    return this.runs().find(
      (run) => run.start <= range.end && run.end >= range.start && !(run.state === "held" && run.account === holder),
    );
  }

  /** Issues serials. @returns why that cannot be, or null */
  issue(ranges: readonly SerialRange[], owner: SerialOwner): string | null {
    return this.#attempt(ranges, (range) => {
      this.#serials.add(range, owner);
    });
  }

  /** Hands serials on. @returns why that cannot be, or null */
  move(ranges: readonly SerialRange[], from: SerialOwner, to: SerialOwner): string | null {
    return this.#attempt(ranges, (range) => {
      this.#serials.move(range, from, to);
    });
  }

  #attempt(ranges: readonly SerialRange[], act: (range: SerialRange) => void): string | null {
    if (this.isBroken) return null;
    try {
      ranges.forEach(act);
      return null;
    } catch (error) {
      if (!(error instanceof FoldError)) throw error;
      this.isBroken = true;
      return error.message;
    }
  }
}

/** A holder of serials. */
export function held(account: string): SerialOwner {
  return { state: "held", account, recordId: null };
}

/** Between a burn and its record. */
export function burning(account: string): SerialOwner {
  return { state: "burning", account, recordId: null };
}

/** Where serials end. Which record it was is not kept, so that neighbours become one. */
export function ended(state: "retired" | "cancelled"): SerialOwner {
  return { state, account: "", recordId: null };
}
