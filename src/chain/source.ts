import type { Connection } from "./connection.js";
import type { Block, Log } from "./rpc-shapes.js";

/** A block header, as far as the ledger needs it. `timestamp` is Unix time in seconds. */
export interface BlockHeader {
  readonly number: bigint;
  readonly hash: string;
  readonly parentHash: string;
  readonly timestamp: bigint;
}

/** A log as the node tells it. */
export interface RawLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: bigint;
  readonly blockHash: string;
  readonly logIndex: number;
  readonly txHash: string;
}

/** Where blocks and logs come from. Every method rejects when the node is down or answers garbage. */
export interface ChainSource {
  /** The latest block. */
  head(): Promise<BlockHeader>;
  /** The headers of `from` to `to`, inclusive, in order. Rejects with `BlockMissingError` when the chain does not have one of them. */
  headers(from: bigint, to: bigint): Promise<BlockHeader[]>;
  /** The logs of `from` to `to`, inclusive, that come from `addresses`, in chain order. */
  logs(from: bigint, to: bigint, addresses: readonly string[]): Promise<RawLog[]>;
}

/** The node does not have a block that was asked for: it is behind another node, or the chain was reorganised just now. */
export class BlockMissingError extends Error {
  constructor(number: bigint | "latest") {
    super(`The node does not have block ${number}`);
    this.name = "BlockMissingError";
  }
}

/** Headers asked for at once: nodes limit the length of a batch, some to a hundred. */
const HEADERS_AT_ONCE = 100n;

/** Reads blocks and logs over a connection. */
export function createChainSource(connection: Pick<Connection, "getBlock" | "getBlocks" | "getLogs">): ChainSource {
  return {
    async head() {
      return toHeader("latest", await connection.getBlock("latest"));
    },

    async headers(from, to) {
      const headers: BlockHeader[] = [];
      for (let start = from; start <= to; start += HEADERS_AT_ONCE) {
        const numbers: bigint[] = [];
        for (let number = start; number <= to && number < start + HEADERS_AT_ONCE; number++) numbers.push(number);
        const blocks = numbers.length === 1 ? [await connection.getBlock(start)] : await connection.getBlocks(numbers);
        headers.push(...numbers.map((number, i) => toHeader(number, blocks[i] ?? null)));
      }
      return headers;
    },

    async logs(from, to, addresses) {
      const logs = await connection.getLogs({ fromBlock: from, toBlock: to, address: addresses });
      return logs.map(toRawLog).sort(inChainOrder);
    },
  };
}

function toHeader(number: bigint | "latest", block: Block | null): BlockHeader {
  if (block === null || (number !== "latest" && block.number !== number)) throw new BlockMissingError(number);
  return { number: block.number, hash: block.hash, parentHash: block.parentHash, timestamp: block.timestamp };
}

function toRawLog({ transactionHash, logIndex, ...log }: Log): RawLog {
  const { address, topics, data, blockNumber, blockHash } = log;
  return { address, topics, data, blockNumber, blockHash, logIndex: Number(logIndex), txHash: transactionHash };
}

function inChainOrder(a: RawLog, b: RawLog): number {
  if (a.blockNumber === b.blockNumber) return a.logIndex - b.logIndex;
  return a.blockNumber < b.blockNumber ? -1 : 1;
}
