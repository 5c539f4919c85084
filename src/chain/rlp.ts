/**
 * RLP over bytes (Ethereum Yellow Paper, appendix B). General libraries work on hex text and go over all of it for each level; the calldata
 * of a batch is a hundred kilobytes.
 */

const NOTHING = new Uint8Array(0);

/** Big-endian without leading zeros; zero is the empty string. */
export function rlpInteger(value: bigint): Uint8Array {
  if (value === 0n) return rlpString(NOTHING);
  const digits = value.toString(16);
  return rlpString(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex"));
}

export function rlpString(bytes: Uint8Array): Uint8Array {
  const [first = 0] = bytes;
  return bytes.length === 1 && first < 0x80 ? bytes : Buffer.concat([header(0x80, bytes.length), bytes]);
}

export function rlpList(encoded: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(encoded);
  return Buffer.concat([header(0xc0, body.length), body]);
}

/** A length up to 55 is in the first byte; of a greater one the first byte tells the number of its bytes. */
function header(offset: number, length: number): Uint8Array {
  if (length < 56) return Uint8Array.of(offset + length);
  const digits = length.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
  return Buffer.concat([Uint8Array.of(offset + 55 + bytes.length), bytes]);
}

/** A string or a list, as it stands in the bytes: nothing is copied. */
export interface RlpItem {
  readonly isList: boolean;
  /** The string, or the items of the list one after the other. */
  readonly content: Buffer;
  /** With its header. */
  readonly encoded: Buffer;
}

/** The items of a list that is all there is. @throws RangeError when it is anything else */
export function readRlpList(bytes: Buffer): RlpItem[] {
  const list = readItem(bytes);
  if (!list.isList || list.encoded.length !== bytes.length) throw new RangeError("not one list");
  return itemsOf(list);
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

function readItem(bytes: Buffer): RlpItem {
  const [first] = bytes;
  if (first === undefined) throw new RangeError("bytes are missing");
  if (first < 0x80) return itemAt(bytes, false, 0, 1);
  const isList = first >= 0xc0;
  const short = first - (isList ? 0xc0 : 0x80);
  if (short < 56) return itemAt(bytes, isList, 1, short);
  const digits = short - 55;
  // Six bytes are the most that are exact as a number, and more than any memory.
  if (digits > 6 || bytes.length < 1 + digits) throw new RangeError("bytes are missing");
  return itemAt(bytes, isList, 1 + digits, bytes.readUIntBE(1, digits));
}

function itemAt(bytes: Buffer, isList: boolean, start: number, length: number): RlpItem {
  if (bytes.length < start + length) throw new RangeError("bytes are missing");
  return { isList, content: bytes.subarray(start, start + length), encoded: bytes.subarray(0, start + length) };
}
