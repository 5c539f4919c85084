/** What a holding's words say. The library `SerialBlocks` states how they are packed. */
import type { SerialRun } from "./types.js";

/** The first word of a holding. */
export interface HoldingHead {
  readonly tonnes: bigint;
  /** Serial blocks of the holding. */
  readonly count: bigint;
  /** Whether a frozen amount is to be read. */
  readonly isMarked: boolean;
  /** Words that the blocks after the second take. */
  readonly tailWords: bigint;
}

const [SERIAL_BITS, COUNT_BITS, BLOCK_BITS, MARK_BIT] = [40n, 32n, 80n, 72n];
const INLINE_BLOCKS = 2n;
const TAIL_BLOCKS = 3n;

/** From the low bit: tonnes 40, count 32, mark 8, two blocks of 80. */
export function readHead(head: bigint): HoldingHead {
  const count = low(head >> SERIAL_BITS, COUNT_BITS);
  const later = count > INLINE_BLOCKS ? count - INLINE_BLOCKS : 0n;
  return {
    tonnes: low(head, SERIAL_BITS),
    count,
    isMarked: low(head >> MARK_BIT, 1n) === 1n,
    tailWords: (later + TAIL_BLOCKS - 1n) / TAIL_BLOCKS,
  };
}

/** The serial blocks, in the holding's own order. What a word has beyond the count is stale and not looked at. */
export function readBlocks(head: bigint, tails: readonly bigint[]): SerialRun[] {
  const words = [{ packed: head >> BLOCK_BITS, size: INLINE_BLOCKS }];
  for (const packed of tails) words.push({ packed, size: TAIL_BLOCKS });
  const blocks: SerialRun[] = [];
  let left = readHead(head).count;
  for (const { packed, size } of words) {
    for (let place = 0n; place < size && left > 0n; place++, left--) {
      const block = packed >> (BLOCK_BITS * place);
      blocks.push({ start: String(low(block, SERIAL_BITS)), end: String(low(block >> SERIAL_BITS, SERIAL_BITS)) });
    }
  }
  return blocks;
}

/** Both ends included. */
export function tonnesOf(blocks: readonly SerialRun[]): bigint {
  return blocks.reduce((sum, { start, end }) => sum + BigInt(end) - BigInt(start) + 1n, 0n);
}

function low(value: bigint, bits: bigint): bigint {
  return value & ((1n << bits) - 1n);
}
