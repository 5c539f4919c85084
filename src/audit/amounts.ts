/** Amounts by key. What is zero is not kept: the size is that of the present, not of the past. */
export class Amounts {
  readonly #amounts: Map<string, bigint>;

  constructor(entries: Iterable<readonly [string, bigint]> = []) {
    this.#amounts = new Map(entries);
  }

  get(key: string): bigint {
    return this.#amounts.get(key) ?? 0n;
  }

  set(key: string, amount: bigint): void {
    if (amount === 0n) this.#amounts.delete(key);
    else this.#amounts.set(key, amount);
  }

  /** @returns the amount after it */
  add(key: string, change: bigint): bigint {
    const after = this.get(key) + change;
    this.set(key, after);
    return after;
  }

  sum(): bigint {
    let sum = 0n;
    for (const amount of this.#amounts.values()) sum += amount;
    return sum;
  }

  clear(): void {
    this.#amounts.clear();
  }

  keys(): IterableIterator<string> {
    return this.#amounts.keys();
  }

  [Symbol.iterator](): IterableIterator<[string, bigint]> {
    return this.#amounts[Symbol.iterator]();
  }
}
