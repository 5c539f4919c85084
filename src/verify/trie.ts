/** Proofs of inclusion and of absence in Ethereum's Merkle-Patricia tries, as `eth_getProof` gives them (EIP-1186). */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { itemsOf, readRlp, type RlpItem } from "../chain/rlp.js";
import { isSame } from "./bytes.js";

/** A proof that shows nothing. */
export class TrieError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TrieError";
  }
}

/** keccak-256 of the empty string in RLP: the root of a trie that has nothing in it. */
const EMPTY_ROOT = keccak_256(Uint8Array.of(0x80));
const [BRANCH_ITEMS, PAIR_ITEMS, HASH_BYTES] = [17, 2, 32];

/**
 * What a trie has at a key.
 * @param key As people know it; its keccak-256 is the path.
 * @param nodes RLP, the root first, none superfluous; none at all for an empty trie.
 * @returns the bytes of the value, or null when the proof shows that there is none
 * @throws TrieError when the proof shows neither; RangeError for malformed RLP
 */
export function readTrie(root: Uint8Array, key: Uint8Array, nodes: readonly Uint8Array[]): Uint8Array | null {
  if (isSame(root, EMPTY_ROOT) && nodes.length === 0) return null;
  const path = nibblesOf(keccak_256(key));
  let wanted: Uint8Array | RlpItem = root;
  let [used, at] = [0, 0];
  for (;;) {
    const items: RlpItem[] = wanted instanceof Uint8Array ? nodeAt(nodes, used++, wanted) : itemsOf(wanted);
    const step = items.length === BRANCH_ITEMS ? intoBranch(items, path[at]) : intoPair(items, path.subarray(at));
    if ("value" in step) {
      if (used !== nodes.length) throw new TrieError("has nodes that nothing leads to");
      return step.value;
    }
    at += step.nibbles;
    wanted = childOf(step.child);
  }
}

/** Where a node leads: to the end, or further down. */
type Step = { readonly value: Uint8Array | null } | { readonly child: RlpItem; readonly nibbles: number };

const NOTHING: Step = { value: null };

function nodeAt(nodes: readonly Uint8Array[], place: number, hash: Uint8Array): RlpItem[] {
  const node = nodes[place];
  if (node === undefined) throw new TrieError("ends before it shows anything");
  if (!isSame(keccak_256(node), hash)) throw new TrieError(`has a node (number ${place + 1}) of another hash`);
  return itemsOf(readRlp(node));
}

function intoBranch(items: readonly RlpItem[], nibble: number | undefined): Step {
  const child = nibble === undefined ? undefined : items[nibble];
  // All keys have 64 nibbles, so that none ends in a branch.
  if (child === undefined) throw new TrieError("has a branch below the last nibble");
  return !child.isList && child.content.length === 0 ? NOTHING : { child, nibbles: 1 };
}

/** A leaf, which ends a path, or an extension, which shortens it. */
function intoPair(items: readonly RlpItem[], rest: Uint8Array): Step {
  const [head, tail] = items;
  if (items.length !== PAIR_ITEMS || head === undefined || tail === undefined || head.isList) {
    throw new TrieError("has a node that is neither branch, extension nor leaf");
  }
  const { isLeaf, nibbles } = prefixOf(head.content);
  const isOnPath = isSame(nibbles, rest.subarray(0, nibbles.length));
  if (!isLeaf) return isOnPath ? { child: tail, nibbles: nibbles.length } : NOTHING;
  if (tail.isList) throw new TrieError("has a leaf whose value is a list");
  return isOnPath && nibbles.length === rest.length ? { value: tail.content } : NOTHING;
}

/** A node below 32 bytes stands in its parent itself, any other by its hash. */
function childOf(item: RlpItem): Uint8Array | RlpItem {
  if (item.isList && item.encoded.length < HASH_BYTES) return item;
  if (!item.isList && item.content.length === HASH_BYTES) return item.content;
  throw new TrieError("has a reference that is neither a hash nor a short node");
}

/** Yellow Paper, appendix C: the first nibble says leaf or extension, and whether the number of nibbles is odd. */
function prefixOf(bytes: Uint8Array): { isLeaf: boolean; nibbles: Uint8Array } {
  const all = nibblesOf(bytes);
  const [flags = 4, padding = 0] = all;
  const isOdd = (flags & 1) === 1;
  if (flags > 3 || (!isOdd && padding !== 0)) throw new TrieError("has a path with a wrong prefix");
  return { isLeaf: flags >= 2, nibbles: all.subarray(isOdd ? 1 : 2) };
}

function nibblesOf(bytes: Uint8Array): Uint8Array {
  const nibbles = new Uint8Array(bytes.length * 2);
  bytes.forEach((byte, at) => {
    nibbles[2 * at] = byte >> 4;
    nibbles[2 * at + 1] = byte & 15;
  });
  return nibbles;
}
