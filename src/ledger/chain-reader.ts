import type { EventDecoder } from "../chain/events.js";
import type { BlockHeader, ChainSource } from "../chain/source.js";
import type { BlockRange, Position } from "./store.js";

export interface ChainReaderOptions {
  readonly source: ChainSource;
  readonly addresses: readonly string[];
  readonly decode: EventDecoder;
  readonly deployedAtBlock: bigint;
  readonly confirmations: bigint;
  readonly blocksPerStep: bigint;
}

/** What there is to do next. `nothing`: up to date, or the node is behind. */
export type NextStep =
  | { readonly kind: "nothing"; readonly head: bigint }
  | { readonly kind: "range"; readonly head: bigint; readonly range: BlockRange }
  | { readonly kind: "reorganised"; readonly head: bigint; readonly ancestor: Position };

/** The chain shares no block with the read model, not even the deployment: it is another chain. A person must act. */
export class ForeignChainError extends Error {
  constructor(deployedAtBlock: bigint) {
    super(
      `The chain is not the one that the read model was filled from: they differ from block ${deployedAtBlock}, the deployment, on`,
    );
    this.name = "ForeignChainError";
  }
}

/** The chain changed while it was being read; the next try sees it whole. */
export class ChainMovedError extends Error {
  constructor(number: bigint) {
    super(`Block ${number} changed while it was read`);
    this.name = "ChainMovedError";
  }
}

/** Headers compared at once when looking for the common ancestor. */
const ANCESTORS_AT_ONCE = 50n;

/** Reads the blocks that follow a position, and notices when they do not follow it. */
export class ChainReader {
  readonly #options: ChainReaderOptions;

  constructor(options: ChainReaderOptions) {
    this.#options = options;
  }

  /** @param storedHash Hash of a block in the read model, or null. */
  async next(position: Position | null, storedHash: (number: bigint) => Promise<string | null>): Promise<NextStep> {
    const { source, confirmations, deployedAtBlock, blocksPerStep } = this.#options;
    const latest = await source.head();
    const head = latest.number;
    if (position !== null && head <= position.blockNumber) {
      const known = await storedHash(head);
      const isSame = known === latest.hash || (known === null && head < deployedAtBlock);
      return isSame
        ? { kind: "nothing", head }
        : { kind: "reorganised", head, ancestor: await this.#ancestor(head, storedHash) };
    }
    const from = position === null ? deployedAtBlock : position.blockNumber + 1n;
    const to = smaller(head - confirmations, from + blocksPerStep - 1n);
    if (to < from) return { kind: "nothing", head };

    const headers = from === head ? [latest] : await source.headers(from, to);
    checkChained(headers);
    if (position !== null && headers[0]?.parentHash !== position.blockHash) {
      return { kind: "reorganised", head, ancestor: await this.#ancestor(position.blockNumber, storedHash) };
    }
    return { kind: "range", head, range: { headers, events: await this.#events(headers, from, to) } };
  }

  async #events(headers: readonly BlockHeader[], from: bigint, to: bigint): Promise<BlockRange["events"]> {
    const { source, addresses, decode } = this.#options;
    const logs = await source.logs(from, to, addresses);
    const hashes = new Map(headers.map(({ number, hash }) => [number, hash]));
    for (const { blockNumber, blockHash } of logs) {
      if (hashes.get(blockNumber) !== blockHash) throw new ChainMovedError(blockNumber);
    }
    // Logs of a branch that has none here would look like a quiet range: the last header must still be what it was, unless a log said so.
    if (logs.at(-1)?.blockNumber !== to) {
      const [last] = await source.headers(to, to);
      if (last?.hash !== hashes.get(to)) throw new ChainMovedError(to);
    }
    return logs.flatMap((log) => decode(log) ?? []);
  }

  /** The highest block that the chain and the read model share, at or below `start`. */
  async #ancestor(start: bigint, storedHash: (number: bigint) => Promise<string | null>): Promise<Position> {
    const { source, deployedAtBlock } = this.#options;
    for (let to = start; to >= deployedAtBlock; to -= ANCESTORS_AT_ONCE) {
      const headers = await source.headers(bigger(deployedAtBlock, to - ANCESTORS_AT_ONCE + 1n), to);
      for (const { number, hash } of headers.reverse()) {
        if ((await storedHash(number)) === hash) return { blockNumber: number, blockHash: hash };
      }
    }
    throw new ForeignChainError(deployedAtBlock);
  }
}

function checkChained(headers: readonly BlockHeader[]): void {
  headers.forEach((header, i) => {
    const parent = headers[i - 1];
    if (parent !== undefined && header.parentHash !== parent.hash) throw new ChainMovedError(header.number);
  });
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function bigger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
