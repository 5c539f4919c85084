import { FoldError } from "./row-cache.js";

/** A contiguous range of serials, both ends inclusive. */
export interface SerialRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** Who has a serial. `burning` lasts only from a burn to the record that says what it was for. */
export interface SerialOwner {
  readonly state: "held" | "burning" | "retired" | "cancelled";
  readonly account: string;
  readonly recordId: bigint | null;
}

export interface OwnedRange extends SerialRange, SerialOwner {}

/**
 * The serials of one batch, or the part of them that is at hand, as maximal runs of one owner: neighbours always differ in owner, runs
 * never overlap. The contract may keep adjacent blocks of a holder apart; here they are always one, so that the same history gives the
 * same rows whatever the order of merges.
 */
export class SerialPartition {
  /** In the order of serials. */
  readonly #runs: OwnedRange[];

  constructor(runs: Iterable<OwnedRange> = []) {
    this.#runs = [...runs].sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  }

  runs(): readonly OwnedRange[] {
    return this.#runs;
  }

  /** Puts serials in that no one has had. */
  add(range: SerialRange, owner: SerialOwner): void {
    if (range.end < range.start) throw new FoldError(`serial block ${range.start}-${range.end} is reversed`);
    const at = this.#lastStartingAtOrBefore(range.end);
    const before = this.#runs[at];
    if (before !== undefined && before.end >= range.start) {
      throw new FoldError(`serial block ${range.start}-${range.end} overlaps ${before.start}-${before.end}`);
    }
    this.#runs.splice(at + 1, 0, run(range, owner));
    this.#join(at + 1);
  }

  /** Hands serials from one owner to another. All of them must be the first one's. */
  move(range: SerialRange, from: SerialOwner, to: SerialOwner): void {
    const at = this.#lastStartingAtOrBefore(range.start);
    const held = this.#runs[at];
    if (held === undefined || held.end < range.end || range.end < range.start || !sameOwner(held, from)) {
      throw new FoldError(`serial block ${range.start}-${range.end} is not ${from.account}'s (${from.state})`);
    }
    const parts: OwnedRange[] = [];
    if (held.start < range.start) parts.push(run({ start: held.start, end: range.start - 1n }, held));
    parts.push(run(range, to));
    if (held.end > range.end) parts.push(run({ start: range.end + 1n, end: held.end }, held));
    this.#runs.splice(at, 1, ...parts);
    this.#join(at + (held.start < range.start ? 1 : 0));
  }

  /** Makes the run at a place one with its neighbours of the same owner. */
  #join(at: number): void {
    let first = at;
    let last = at;
    while (this.#adjoin(first - 1, first)) first--;
    while (this.#adjoin(last, last + 1)) last++;
    const start = this.#runs[first];
    const end = this.#runs[last];
    if (first === last || start === undefined || end === undefined) return;
    this.#runs.splice(first, last - first + 1, run({ start: start.start, end: end.end }, start));
  }

  #adjoin(left: number, right: number): boolean {
    const a = this.#runs[left];
    const b = this.#runs[right];
    return a !== undefined && b !== undefined && a.end + 1n === b.start && sameOwner(a, b);
  }

  #lastStartingAtOrBefore(serial: bigint): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const candidate = this.#runs[middle];
      if (candidate !== undefined && candidate.start <= serial) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function run({ start, end }: SerialRange, { state, account, recordId }: SerialOwner): OwnedRange {
  return { start, end, state, account, recordId };
}

function sameOwner(a: SerialOwner, b: SerialOwner): boolean {
  return a.state === b.state && a.account === b.account && a.recordId === b.recordId;
}

/** How many tonnes (serials) the ranges hold together. */
export function tonnesOf(ranges: Iterable<SerialRange>): bigint {
  let tonnes = 0n;
  for (const { start, end } of ranges) tonnes += end - start + 1n;
  return tonnes;
}
