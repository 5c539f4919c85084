/** How many prices stand in one rung: few enough to move aside in a moment, so many that a million prices need few rungs. */
const RUNG = 256;
/** Up to so many numbers, a loop moves them sooner than `copyWithin` begins. */
const FEW = 64;
const LOWEST = Number.MIN_SAFE_INTEGER;

/** Pairs of rank and level, worst first. */
interface Rung {
  readonly pairs: Float64Array;
  size: number;
}

const emptyRung = (): Rung => ({ pairs: new Float64Array(RUNG * 2), size: 0 });

/**
 * The prices of one side in order, each with the number of its level: sorted arrays of a few hundred prices ("rungs") in a sorted array.
 * The best price is the last of the last rung, so that what happens near it moves next to nothing. Two binary searches find any other.
 * Prices are compared by rank: the higher, the better.
 */
export class PriceLadder {
  /** Worst first. Never without a rung; only a lonely one may be empty. */
  private readonly rungs: Rung[] = [emptyRung()];
  /** Where each rung begins: it holds the ranks from here to where the next begins. There may be room behind. */
  private starts = new Float64Array(RUNG).fill(LOWEST, 0, 1);
  /** The level of the best price, 0 when there is none. */
  best = 0;

  /** @returns 0 when no level has this rank */
  find(rank: number): number {
    const { pairs, size } = this.rungs[this.indexOf(rank)] as Rung;
    const at = lowerBound(pairs, size, rank) * 2;
    return at < size * 2 && pairs[at] === rank ? (pairs[at + 1] as number) : 0;
  }

  /** The rank must be new. */
  add(rank: number, level: number): void {
    const index = this.indexOf(rank);
    let rung = this.rungs[index] as Rung;
    if (rung.size === RUNG) {
      const upper = this.split(index);
      if (rank > (upper.pairs[0] as number)) rung = upper;
    }
    const { pairs, size } = rung;
    const at = lowerBound(pairs, size, rank) * 2;
    if (size * 2 - at > FEW) pairs.copyWithin(at + 2, at, size * 2);
    else for (let from = size * 2 - 1; from >= at; from -= 1) pairs[from + 2] = pairs[from] as number;
    pairs[at] = rank;
    pairs[at + 1] = level;
    rung.size += 1;
    this.findBest();
  }

  /** The rank must be there. */
  delete(rank: number): void {
    const index = this.indexOf(rank);
    const rung = this.rungs[index] as Rung;
    const { pairs } = rung;
    const at = lowerBound(pairs, rung.size, rank) * 2;
    rung.size -= 1;
    const end = rung.size * 2;
    if (end - at > FEW) pairs.copyWithin(at, at + 2, end + 2);
    else for (let to = at; to < end; to += 1) pairs[to] = pairs[to + 2] as number;
    if (end === 0 && this.rungs.length > 1) this.removeRung(index);
    this.findBest();
  }

  /** Visits the levels, best first, until the visitor says true. */
  visit(visitor: (level: number) => boolean): void {
    for (let index = this.rungs.length - 1; index >= 0; index -= 1) {
      const { pairs, size } = this.rungs[index] as Rung;
      for (let at = size - 1; at >= 0; at -= 1) if (visitor(pairs[at * 2 + 1] as number)) return;
    }
  }

  private findBest(): void {
    const { pairs, size } = this.rungs[this.rungs.length - 1] as Rung;
    this.best = size === 0 ? 0 : (pairs[size * 2 - 1] as number);
  }

  private indexOf(rank: number): number {
    const { starts } = this;
    let low = 0;
    let high = this.rungs.length - 1;
    // Most of what happens, happens near the best price.
    if (rank >= (starts[high] as number)) return high;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((starts[middle] as number) <= rank) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Moves the upper half into a rung of its own. */
  private split(index: number): Rung {
    const rung = this.rungs[index] as Rung;
    const upper = emptyRung();
    const half = RUNG >>> 1;
    upper.pairs.set(rung.pairs.subarray(half * 2));
    upper.size = RUNG - half;
    rung.size = half;
    if (this.rungs.length === this.starts.length) {
      const starts = new Float64Array(this.starts.length * 2);
      starts.set(this.starts);
      this.starts = starts;
    }
    this.starts.copyWithin(index + 2, index + 1, this.rungs.length);
    this.starts[index + 1] = upper.pairs[0] as number;
    this.rungs.splice(index + 1, 0, upper);
    return upper;
  }

  private removeRung(index: number): void {
    this.starts.copyWithin(index, index + 1, this.rungs.length);
    this.rungs.splice(index, 1);
    this.starts[0] = LOWEST;
  }
}

/** The first pair whose rank is not below the given one. */
function lowerBound(pairs: Float64Array, size: number, rank: number): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pairs[middle * 2] as number) < rank) low = middle + 1;
    else high = middle;
  }
  return low;
}
