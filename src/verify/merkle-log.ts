/**
 * A log as RFC 6962 has it: SHA-256, leaves and nodes told apart by a first byte. Pure; who stores the nodes gives a reader of them.
 * Nodes are addressed as complete subtrees: level 0 has the leaves, and (level, position) covers 2^level of them from position · 2^level on.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, hexToBytes } from "@noble/hashes/utils.js";

/** Reads a complete subtree's hash. */
export type NodeReader = (level: number, position: bigint) => Promise<Uint8Array>;

/** What the log keeps of a retirement. */
export interface LogEntry {
  readonly retirementId: bigint;
  readonly blockNumber: bigint;
  readonly txHash: string;
  readonly recordHash: string;
}

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

export function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(concatBytes(LEAF_PREFIX, leaf));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(NODE_PREFIX, left, right));
}

/** The 80 bytes of an entry: both numbers as 64 bits, the higher byte first, then both hashes. */
export function leafOf({ retirementId, blockNumber, txHash, recordHash }: LogEntry): Uint8Array {
  const numbers = new Uint8Array(16);
  const view = new DataView(numbers.buffer);
  view.setBigUint64(0, retirementId);
  view.setBigUint64(8, blockNumber);
  return concatBytes(numbers, hexToBytes(txHash.slice(2)), hexToBytes(recordHash.slice(2)));
}

/** The root of the first `size` entries. */
export async function rootFrom(read: NodeReader, size: bigint): Promise<Uint8Array> {
  return size === 0n ? sha256(new Uint8Array()) : await subtree(read, 0n, size);
}

/** RFC 6962 §2.1.1: the siblings of entry `index` among `size`, the lowest first. */
export async function inclusionPath(read: NodeReader, index: bigint, size: bigint): Promise<Uint8Array[]> {
  if (index < 0n || index >= size) throw new RangeError(`entry ${index} is not among ${size}`);
  const path: Uint8Array[] = [];
  let [start, end] = [0n, size];
  while (end - start > 1n) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      path.push(await subtree(read, middle, end));
      end = middle;
    } else {
      path.push(await subtree(read, start, middle));
      start = middle;
    }
  }
  return path.reverse();
}

/** RFC 6962 §2.1.2: what shows that the first `older` of `newer` entries are those of the older root, the lowest first. */
export async function consistencyPath(read: NodeReader, older: bigint, newer: bigint): Promise<Uint8Array[]> {
  if (older < 0n || older > newer) throw new RangeError(`${older} entries are not the first of ${newer}`);
  if (older === 0n || older === newer) return [];
  const path: Uint8Array[] = [];
  let [start, end] = [0n, newer];
  while (older !== end) {
    const middle = start + splitOf(end - start);
    if (older <= middle) {
      path.push(await subtree(read, middle, end));
      end = middle;
    } else {
      path.push(await subtree(read, start, middle));
      start = middle;
    }
  }
  // Who has the older root knows this subtree when it is the whole older log.
  if (start > 0n) path.push(await subtree(read, start, end));
  return path.reverse();
}

export function verifyInclusion(
  leaf: Uint8Array,
  index: bigint,
  size: bigint,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (index < 0n || index >= size) return false;
  let hash = leafHash(leaf);
  let [node, last] = [index, size - 1n];
  for (const sibling of path) {
    if (last === 0n) return false;
    if ((node & 1n) === 1n || node === last) {
      hash = nodeHash(sibling, hash);
      while ((node & 1n) === 0n && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && isSame(hash, root);
}

export function verifyConsistency(
  older: bigint,
  newer: bigint,
  olderRoot: Uint8Array,
  newerRoot: Uint8Array,
  path: readonly Uint8Array[],
): boolean {
  if (older < 0n || older > newer) return false;
  if (older === newer) return path.length === 0 && isSame(olderRoot, newerRoot);
  if (older === 0n) return path.length === 0 && isSame(olderRoot, sha256(new Uint8Array()));
  const isWhole = (older & (older - 1n)) === 0n;
  const [first, ...rest] = isWhole ? [olderRoot, ...path] : path;
  if (first === undefined) return false;
  let [node, last] = [older - 1n, newer - 1n];
  while ((node & 1n) === 1n) [node, last] = [node >> 1n, last >> 1n];
  let [before, after] = [first, first];
  for (const sibling of rest) {
    if (last === 0n) return false;
    if ((node & 1n) === 1n || node === last) {
      before = nodeHash(sibling, before);
      after = nodeHash(sibling, after);
      while ((node & 1n) === 0n && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      after = nodeHash(after, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && isSame(before, olderRoot) && isSame(after, newerRoot);
}

/** The hash over entries `start` to `end`; `start` is a multiple of the greatest power of two below their number. */
async function subtree(read: NodeReader, start: bigint, end: bigint): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let at = start; at < end;) {
    const level = levelOf(end - at);
    parts.push(await read(level, at >> BigInt(level)));
    at += 1n << BigInt(level);
  }
  return parts.reduceRight((right, left) => nodeHash(left, right));
}

/** The greatest power of two that is less than a number above 1. */
function splitOf(count: bigint): bigint {
  return 1n << BigInt(levelOf(count - 1n));
}

/** The exponent of the greatest power of two that is not more than a number above 0. */
function levelOf(count: bigint): number {
  return count.toString(2).length - 1;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
