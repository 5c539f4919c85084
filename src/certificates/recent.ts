/** What was made last, so that asking again costs nothing. */
export interface Recent<Value> {
  /** @param make Runs once for all who ask at the same time, and one at a time for all keys; a failure is not remembered. */
  get(key: string, make: () => Promise<Value>): Promise<Value>;
}

/** @param size How many are kept. */
export function createRecent<Value>(size: number): Recent<Value> {
  const kept = new Map<string, Promise<Value>>();
  let last: Promise<unknown> = Promise.resolve();

  return {
    get(key, make) {
      const known = kept.get(key);
      if (known !== undefined) {
        // The order of a map is that of its insertions.
        kept.delete(key);
        kept.set(key, known);
        return known;
      }
      const made = last.then(make, make);
      last = made;
      kept.set(key, made);
      made.catch(() => kept.delete(key));
      const [oldest] = kept.keys();
      if (kept.size > size && oldest !== undefined) kept.delete(oldest);
      return made;
    },
  };
}
