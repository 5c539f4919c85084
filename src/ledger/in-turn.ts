import { setImmediate } from "node:timers/promises";

/**
 * Begins one piece of work after the other, each when the one before has said what it wants of the database rather than when it has got it:
 * one connection answers them in this order, and this process makes the next statement meanwhile. When it ends, all have ended, so that
 * nothing is still under way when a transaction is rolled back.
 * @throws the first one's error
 */
export async function inTurn(works: readonly (() => Promise<void>)[]): Promise<void> {
  const ends: Promise<{ readonly error: unknown } | null>[] = [];
  for (const work of works) {
    ends.push(
      work().then(
        () => null,
        (error: unknown) => ({ error }),
      ),
    );
    await setImmediate();
  }
  for (const failure of await Promise.all(ends)) if (failure !== null) throw failure.error;
}
