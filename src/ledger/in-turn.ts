import { setImmediate } from "node:timers/promises";

/** How long, in milliseconds, others wait for their turn of the event loop, as far as it depends on this. */
const TURN_MS = 5;

/**
 * Begins one piece of work after the other, each when the one before has said what it wants of the database rather than when it has got it:
 * a pipeline answers them in this order, and this process makes the next statement meanwhile. When it ends, all have ended.
 * @throws the first one's error
 */
export async function inTurn(works: readonly (() => Promise<void>)[]): Promise<void> {
  const ends: Promise<{ readonly error: unknown } | null>[] = [];
  let began = performance.now();
  for (const work of works) {
    ends.push(
      work().then(
        () => null,
        (error: unknown) => ({ error }),
      ),
    );
    if (performance.now() - began < TURN_MS) continue;
    await setImmediate();
    began = performance.now();
  }
  for (const failure of await Promise.all(ends)) if (failure !== null) throw failure.error;
}
