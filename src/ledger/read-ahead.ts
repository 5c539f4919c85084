import type { ChainReader, NextStep } from "./chain-reader.js";
import type { BlockRange, Position } from "./store.js";

export interface ReadAheadOptions {
  readonly reader: ChainReader;
  /** As many as the reader gives at once: fewer are the last ones. */
  readonly blocksPerStep: bigint;
  /** Hash of a block in the read model, or null. */
  storedHash(number: bigint): Promise<string | null>;
}

/** While blocks are applied, those after them are read: with a long way to go, chain and database are at work at the same time. */
export class ReadAhead {
  readonly #options: ReadAheadOptions;
  #ahead: { readonly from: Position; readonly step: Promise<NextStep | null> } | null = null;

  constructor(options: ReadAheadOptions) {
    this.#options = options;
  }

  /** What there is to do at a position: read already, or now. */
  async next(from: Position | null): Promise<NextStep> {
    const ahead = this.#ahead;
    this.#ahead = null;
    const step = ahead !== null && ahead.from.blockHash === from?.blockHash ? await ahead.step : null;
    // Anything but blocks may be different by now.
    return step?.kind === "range" ? step : await this.#read(from);
  }

  /** Begins to read what follows a range that is about to be applied. What fails is read anew when it is needed. */
  begin({ headers }: BlockRange): void {
    const last = headers.at(-1);
    if (last === undefined || headers.length < Number(this.#options.blocksPerStep)) return;
    const from: Position = { blockNumber: last.number, blockHash: last.hash };
    this.#ahead = { from, step: this.#read(from).catch(() => null) };
  }

  async #read(from: Position | null): Promise<NextStep> {
    const { reader, storedHash } = this.#options;
    return await reader.next(from, storedHash);
  }
}
