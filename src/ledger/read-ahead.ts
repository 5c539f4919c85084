import { ChainReader, type ChainReaderOptions, type NextStep } from "./chain-reader.js";
import type { Position } from "./store.js";

/** Reading ahead is worth the while when there is this part of a step to read. */
const PART = 4n;

/** Thrown where a block would have to be looked up that may not be written yet. */
class NotAheadError extends Error {}

/** Reads the blocks that follow a range while the range is being written. */
export class ReadAhead {
  readonly #reader: ChainReader;
  readonly #options: ChainReaderOptions;
  #ahead: { readonly from: Position; readonly next: Promise<NextStep | null> } | null = null;

  constructor(options: ChainReaderOptions) {
    this.#reader = new ChainReader(options);
    this.#options = options;
  }

  /** As `ChainReader.next`. */
  async next(position: Position | null, storedHash: (number: bigint) => Promise<string | null>): Promise<NextStep> {
    const ahead = this.#ahead;
    this.#ahead = null;
    const next = ahead !== null && ahead.from.blockHash === position?.blockHash ? await ahead.next : null;
    // What does not simply follow, as after a reorganisation, is read again now that the range is written.
    return next?.kind === "range" ? next : await this.#reader.next(position, storedHash);
  }

  /**
   * Begins to read what comes after a range. Near the head there is nothing to gain.
   * @returns how many steps are left after it, and begun parts of one; 0 near the head
   */
  begin({ head, range }: NextStep & { kind: "range" }): number {
    const last = range.headers.at(-1);
    const { confirmations, blocksPerStep } = this.#options;
    const left = last === undefined ? 0n : head - confirmations - last.number;
    if (last === undefined || left * PART < blocksPerStep) return 0;
    const from = { blockNumber: last.number, blockHash: last.hash };
    this.#ahead = { from, next: this.#reader.next(from, () => Promise.reject(new NotAheadError())).catch(() => null) };
    return Number((left + blocksPerStep - 1n) / blocksPerStep);
  }
}
