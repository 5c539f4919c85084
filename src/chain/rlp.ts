/**
 * RLP over bytes (Ethereum Yellow Paper, appendix B). General libraries work on hex text and go over all of it for each level; the calldata
 * of a batch is a hundred kilobytes. What is read here has one spelling only: a length that could be written shorter is refused.
 */
import { concatBytes, hexToBytes } from "@noble/hashes/utils.js";

const NOTHING = new Uint8Array(0);

/** Big-endian without leading zeros; zero is the empty string. */
export function rlpInteger(value: bigint): Uint8Array {
  return rlpString(value === 0n ? NOTHING : bigEndian(value));
}

export function rlpString(bytes: Uint8Array): Uint8Array {
  const [first = 0] = bytes;
  return bytes.length === 1 && first < 0x80 ? bytes : concatBytes(header(0x80, bytes.length), bytes);
}

export function rlpList(encoded: readonly Uint8Array[]): Uint8Array {
  const length = encoded.reduce((sum, item) => sum + item.length, 0);
  return concatBytes(header(0xc0, length), ...encoded);
}

/** A length up to 55 is in the first byte; of a greater one the first byte tells the number of its bytes. */
function header(offset: number, length: number): Uint8Array {
  if (length < 56) return Uint8Array.of(offset + length);
  const bytes = bigEndian(length);
  return concatBytes(Uint8Array.of(offset + 55 + bytes.length), bytes);
}

function bigEndian(value: bigint | number): Uint8Array {
  const digits = value.toString(16);
  return hexToBytes(digits.length % 2 === 0 ? digits : `0${digits}`);
}

/** A string or a list, as it stands in the bytes: nothing is copied. */
export interface RlpItem {
  readonly isList: boolean;
  /** The string, or the items of the list one after the other. */
  readonly content: Uint8Array;
  /** With its header. */
  readonly encoded: Uint8Array;
}

/** The one string or list that the bytes are. @throws RangeError when they are anything else */
export function readRlp(bytes: Uint8Array): RlpItem {
  const item = readItem(bytes);
  if (item.encoded.length !== bytes.length) throw new RangeError("not one item");
  return item;
}

/** The items of a list that is all there is. @throws RangeError when it is anything else */
export function readRlpList(bytes: Uint8Array): RlpItem[] {
  return itemsOf(readRlp(bytes));
}

/** The items of a list. @throws RangeError when it is a string, or they do not fill it exactly */
export function itemsOf(list: RlpItem): RlpItem[] {
  if (!list.isList) throw new RangeError("a string where a list belongs");
  const items: RlpItem[] = [];
  for (let at = 0; at < list.content.length;) {
    const item = readItem(list.content.subarray(at));
    items.push(item);
    at += item.encoded.length;
  }
  return items;
}

function readItem(bytes: Uint8Array): RlpItem {
  const [first] = bytes;
  if (first === undefined) throw new RangeError("bytes are missing");
  if (first < 0x80) return itemAt(bytes, false, 0, 1);
  const isList = first >= 0xc0;
  const short = first - (isList ? 0xc0 : 0x80);
  if (short < 56) return itemAt(bytes, isList, 1, short);
  return itemAt(bytes, isList, 1 + short - 55, lengthAt(bytes, short - 55));
}

function lengthAt(bytes: Uint8Array, digits: number): number {
  // Six bytes are the most that are exact as a number, and more than any memory.
  if (digits > 6 || bytes.length < 1 + digits) throw new RangeError("bytes are missing");
  const length = bytes.subarray(1, 1 + digits).reduce((sum, byte) => sum * 256 + byte, 0);
  if (bytes[1] === 0 || length < 56) throw new RangeError("a length that could be written shorter");
  return length;
}

function itemAt(bytes: Uint8Array, isList: boolean, start: number, length: number): RlpItem {
  if (bytes.length < start + length) throw new RangeError("bytes are missing");
  const content = bytes.subarray(start, start + length);
  const [first = 0x80] = content;
  if (!isList && start === 1 && length === 1 && first < 0x80) throw new RangeError("a byte that stands for itself");
  return { isList, content, encoded: bytes.subarray(0, start + length) };
}
