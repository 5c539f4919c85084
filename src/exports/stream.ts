import { createHash } from "node:crypto";

/** What was sent. */
export interface Measures {
  readonly bytes: bigint;
  /** 0x and lower-case hex. */
  readonly sha256: string;
}

export interface MeasuredOptions {
  /** Milliseconds that the reader may leave a piece unanswered before it counts as gone. */
  readonly patienceMs: number;
  /** Called once, after the last piece was taken and before the end is told. */
  complete(measures: Measures): Promise<void>;
  /** Called once, when the reader leaves, is too slow, or a piece fails. Must not fail. */
  abandon(): Promise<void>;
}

/**
 * Counts and hashes pieces on their way to one reader. Exactly one of `complete` and `abandon` is called, whatever the reader does: also
 * when it never asks for a piece.
 */
export function measured(pieces: AsyncGenerator<Uint8Array>, options: MeasuredOptions): AsyncIterable<Uint8Array> {
  const hash = createHash("sha256");
  let bytes = 0n;
  let isOver = false;
  const wasAbandoned = (): boolean => isOver;
  let timer: NodeJS.Timeout | undefined;

  async function abandon(): Promise<void> {
    clearTimeout(timer);
    if (isOver) return;
    isOver = true;
    await options.abandon();
    await pieces.return(undefined);
  }

  function expectReader(): void {
    timer = setTimeout(() => void abandon().catch(() => undefined), options.patienceMs);
    timer.unref();
  }

  async function next(): Promise<IteratorResult<Uint8Array, undefined>> {
    clearTimeout(timer);
    if (isOver) throw new Error("The reader of an export was too slow.");
    try {
      const piece = await pieces.next();
      // The reader left while the piece was made.
      if (wasAbandoned()) return { done: true, value: undefined };
      if (piece.done !== true) {
        hash.update(piece.value);
        bytes += BigInt(piece.value.length);
        expectReader();
        return { done: false, value: piece.value };
      }
      await options.complete({ bytes, sha256: `0x${hash.digest("hex")}` });
      isOver = true;
      return { done: true, value: undefined };
    } catch (error) {
      await abandon();
      throw error;
    }
  }

  expectReader();
  return {
    [Symbol.asyncIterator]: () => ({
      next,
      async return() {
        await abandon();
        return { done: true, value: undefined };
      },
    }),
  };
}
