import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

import { keccak256Of } from "./keccak.js";
import { rlpInteger, rlpList, rlpString } from "./rlp.js";
import { parseHash, parseHex, parseQuantity } from "./rpc-shapes.js";

/** A block header as a node tells it, and its bytes. Hex is lower-case with 0x. */
export interface ChainHeader {
  readonly number: bigint;
  /** What the node says that the block's hash is. */
  readonly hash: string;
  readonly parentHash: string;
  readonly stateRoot: string;
  /** Unix seconds. */
  readonly timestamp: bigint;
  readonly extraData: string;
  readonly rlp: string;
  /** keccak-256 of `rlp`: the block's hash on Ethereum; where validators seal blocks (QBFT) it covers the seals and is another. */
  readonly rlpHash: string;
}

/** In the order of the header; of which size bytes are, where it is fixed. */
const FIELDS: readonly (readonly [name: string, kind: "bytes" | "quantity", size?: number])[] = [
  ["parentHash", "bytes", 32],
  ["sha3Uncles", "bytes", 32],
  ["miner", "bytes", 20],
  ["stateRoot", "bytes", 32],
  ["transactionsRoot", "bytes", 32],
  ["receiptsRoot", "bytes", 32],
  ["logsBloom", "bytes", 256],
  ["difficulty", "quantity"],
  ["number", "quantity"],
  ["gasLimit", "quantity"],
  ["gasUsed", "quantity"],
  ["timestamp", "quantity"],
  ["extraData", "bytes"],
  ["mixHash", "bytes", 32],
  ["nonce", "bytes", 8],
];

/** What later forks added, each after the other: the header ends at the first that a block lacks. */
const LATER_FIELDS: typeof FIELDS = [
  ["baseFeePerGas", "quantity"],
  ["withdrawalsRoot", "bytes", 32],
  ["blobGasUsed", "quantity"],
  ["excessBlobGas", "quantity"],
  ["parentBeaconBlockRoot", "bytes", 32],
  ["requestsHash", "bytes", 32],
];

/**
 * The header of a block.
 * @param answer Of `eth_getBlockByNumber` or `eth_getBlockByHash`.
 * @throws TypeError when a member is missing or of another form
 */
export function parseHeader(answer: unknown): ChainHeader {
  if (typeof answer !== "object" || answer === null) throw new TypeError("not a block");
  const block = answer as Record<string, unknown>;
  const end = LATER_FIELDS.findIndex(([name]) => block[name] === undefined || block[name] === null);
  const fields = [...FIELDS, ...(end === -1 ? LATER_FIELDS : LATER_FIELDS.slice(0, end))];
  const rlp = rlpList(fields.map(([name, kind, size]) => encode(block[name], name, kind, size)));
  return {
    number: parseQuantity(block["number"]),
    hash: parseHash(block["hash"]),
    parentHash: parseHash(block["parentHash"]),
    stateRoot: parseHash(block["stateRoot"]),
    timestamp: parseQuantity(block["timestamp"]),
    extraData: parseHex(block["extraData"]),
    rlp: `0x${bytesToHex(rlp)}`,
    rlpHash: `0x${bytesToHex(keccak256Of(rlp))}`,
  };
}

function encode(value: unknown, name: string, kind: "bytes" | "quantity", size: number | undefined): Uint8Array {
  try {
    if (kind === "quantity") return rlpInteger(parseQuantity(value));
    const bytes = hexToBytes(parseHex(value).slice(2));
    if (size !== undefined && bytes.length !== size) throw new TypeError(`not ${size} bytes`);
    return rlpString(bytes);
  } catch (cause) {
    throw new TypeError(`the block's ${name} is missing or malformed`, { cause });
  }
}
