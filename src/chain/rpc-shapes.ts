import { checksummed } from "./checksum.js";

/** Block number, block hash (`getBlock` only) or a tag. */
export type BlockTag = bigint | "latest" | "earliest" | "pending" | "safe" | "finalized" | (string & {});

/** Hashes are lower-case hex, addresses EIP-55, quantities bigint, timestamps unix seconds. */
export interface Block {
  readonly number: bigint;
  readonly hash: string;
  readonly parentHash: string;
  readonly timestamp: bigint;
  readonly stateRoot: string;
  readonly gasUsed: bigint;
  readonly gasLimit: bigint;
  readonly transactions: readonly string[];
}

export interface Log {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: bigint;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly transactionIndex: bigint;
  readonly logIndex: bigint;
}

export interface Receipt {
  readonly transactionHash: string;
  readonly blockNumber: bigint;
  readonly blockHash: string;
  readonly from: string;
  readonly to: string | null;
  readonly contractAddress: string | null;
  readonly gasUsed: bigint;
  /** False: the transaction is in the block and reverted. */
  readonly succeeded: boolean;
  readonly logs: readonly Log[];
}

/** A transaction, mined or waiting, as far as the ledger needs it. */
export interface TransactionHead {
  readonly from: string;
  /** Null for a deployment. */
  readonly to: string | null;
  readonly nonce: bigint;
}

/** The answer of `eth_getProof` (EIP-1186); every proof is a list of RLP-encoded trie nodes. */
export interface StorageProof {
  readonly address: string;
  readonly accountProof: readonly string[];
  readonly balance: bigint;
  readonly nonce: bigint;
  readonly codeHash: string;
  readonly storageHash: string;
  readonly storageProof: readonly { readonly key: string; readonly value: bigint; readonly proof: readonly string[] }[];
}

export interface LogFilter {
  readonly fromBlock: BlockTag;
  readonly toBlock: BlockTag;
  readonly address?: string | readonly string[];
  /** Position by position: a topic, a list of alternatives, or null for any. */
  readonly topics?: readonly (string | readonly string[] | null)[];
}

export interface CallRequest {
  readonly to?: string;
  readonly from?: string;
  readonly data?: string;
  readonly gas?: bigint;
  readonly value?: bigint;
}

export function toTag(block: BlockTag): string {
  return typeof block === "bigint" ? `0x${block.toString(16)}` : block;
}

export function parseBlock(answer: unknown): Block {
  const block = parseRecord(answer, "block");
  return {
    number: parseQuantity(block["number"]),
    hash: parseHash(block["hash"]),
    parentHash: parseHash(block["parentHash"]),
    timestamp: parseQuantity(block["timestamp"]),
    stateRoot: parseHash(block["stateRoot"]),
    gasUsed: parseQuantity(block["gasUsed"]),
    gasLimit: parseQuantity(block["gasLimit"]),
    transactions: parseList(block["transactions"], parseHash),
  };
}

export function parseLog(answer: unknown): Log {
  const log = parseRecord(answer, "log");
  return {
    address: parseAddress(log["address"]),
    topics: parseList(log["topics"], parseHash),
    data: parseHex(log["data"]),
    blockNumber: parseQuantity(log["blockNumber"]),
    blockHash: parseHash(log["blockHash"]),
    transactionHash: parseHash(log["transactionHash"]),
    transactionIndex: parseQuantity(log["transactionIndex"]),
    logIndex: parseQuantity(log["logIndex"]),
  };
}

export function parseReceipt(answer: unknown): Receipt {
  const receipt = parseRecord(answer, "receipt");
  const to = receipt["to"] ?? null;
  const contractAddress = receipt["contractAddress"] ?? null;
  return {
    transactionHash: parseHash(receipt["transactionHash"]),
    blockNumber: parseQuantity(receipt["blockNumber"]),
    blockHash: parseHash(receipt["blockHash"]),
    from: parseAddress(receipt["from"]),
    to: to === null ? null : parseAddress(to),
    contractAddress: contractAddress === null ? null : parseAddress(contractAddress),
    gasUsed: parseQuantity(receipt["gasUsed"]),
    succeeded: parseQuantity(receipt["status"]) === 1n,
    logs: parseList(receipt["logs"], parseLog),
  };
}

export function parseTransaction(answer: unknown): TransactionHead {
  const transaction = parseRecord(answer, "transaction");
  const to = transaction["to"] ?? null;
  return {
    from: parseAddress(transaction["from"]),
    to: to === null ? null : parseAddress(to),
    nonce: parseQuantity(transaction["nonce"]),
  };
}

export function parseProof(answer: unknown): StorageProof {
  const proof = parseRecord(answer, "proof");
  return {
    address: parseAddress(proof["address"]),
    accountProof: parseList(proof["accountProof"], parseHex),
    balance: parseQuantity(proof["balance"]),
    nonce: parseQuantity(proof["nonce"]),
    codeHash: parseHash(proof["codeHash"]),
    storageHash: parseHash(proof["storageHash"]),
    storageProof: parseList(proof["storageProof"], (entry) => {
      const slot = parseRecord(entry, "storage proof");
      return {
        key: parseHex(slot["key"]),
        value: parseQuantity(slot["value"]),
        proof: parseList(slot["proof"], parseHex),
      };
    }),
  };
}

export function parseQuantity(value: unknown): bigint {
  if (typeof value !== "string" || !/^0x[0-9a-f]{1,64}$/i.test(value)) throw new TypeError("not a quantity in hex");
  return BigInt(value);
}

export function parseHash(value: unknown): string {
  // Nodes write lower case: to see that is faster than to look for both.
  if (typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value)) return value;
  if (typeof value !== "string" || !/^0x[0-9a-f]{64}$/i.test(value)) throw new TypeError("not a 32-byte hash");
  return value.toLowerCase();
}

export function parseHex(value: unknown): string {
  if (typeof value === "string" && /^0x[0-9a-f]*$/.test(value)) return value;
  if (typeof value !== "string" || !/^0x[0-9a-f]*$/i.test(value)) throw new TypeError("not hex data");
  return value.toLowerCase();
}

function parseAddress(value: unknown): string {
  if (typeof value !== "string" || !/^0x[0-9a-f]{40}$/i.test(value)) throw new TypeError("not an address");
  return checksummed(value);
}

function parseList<T>(value: unknown, parse: (item: unknown) => T): T[] {
  if (!Array.isArray(value)) throw new TypeError("not a list");
  return value.map(parse);
}

function parseRecord(value: unknown, noun: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new TypeError(`not a ${noun}`);
  return value as Record<string, unknown>;
}
