/**
 * A retirement's record: `abi.encode(retirementId, account, participantId, retiredAt, order)`, of which the contract keeps the keccak-256.
 * Decoded by itself, in time bounded by its length: whoever made a pack chose these bytes.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { CodeError, codeOfBatchId, decodeCountry, isoDay } from "../chain/codes.js";
import { PURPOSES } from "../chain/event-types.js";
import { hexOf, numberOf } from "./bytes.js";
import type { RetirementFacts, SerialRun } from "./types.js";

/** What a record says by itself: all that a verdict tells of a retirement but where it was proven. */
export type RetirementRecord = Omit<RetirementFacts, "kind" | "blockNumber" | "blockHash" | "personConfirmed">;

const WORD = 32;
const [ADDRESS_BYTES, UINT32_BYTES, UINT64_BYTES] = [20, 4, 8];
const HEAD_WORDS = { record: 5, order: 12 } as const;
/** No contract writes more blocks into a record than this. */
const MAX_BLOCKS = 10_000;

/** @throws RangeError for bytes that are no such encoding */
export function readRecord(bytes: Uint8Array): RetirementRecord {
  if (bytes.length % WORD !== 0) throw new RangeError("The record is not made of words of 32 bytes");
  const record = tupleAt(bytes, 0, HEAD_WORDS.record);
  const order = tupleAt(bytes, record.offset(4), HEAD_WORDS.order);
  const commitment = hexOf(order.word(5));
  return {
    retirementId: String(numberOf(record.word(0))),
    account: hexOf(right(record.word(1), ADDRESS_BYTES)),
    participantId: String(numberOf(right(record.word(2), UINT32_BYTES))),
    retiredAt: String(numberOf(right(record.word(3), UINT64_BYTES))),
    batch: batchOf(order.word(0)),
    tonnes: String(numberOf(order.word(1))),
    blocks: blocksAt(bytes, order.offset(2)),
    beneficiary: textAt(bytes, order.offset(3)),
    beneficiaryId: textAt(bytes, order.offset(4)),
    beneficiaryCommitment: /^0x0+$/.test(commitment) ? null : commitment,
    purpose: purposeOf(order.word(6)),
    reason: textAt(bytes, order.offset(7)),
    details: textAt(bytes, order.offset(8)),
    consumptionCountry: countryOf(order.word(9)),
    ...periodOf(order.word(10), order.word(11)),
    recordHash: hexOf(keccak_256(bytes)),
  };
}

interface Tuple {
  /** The n-th word of its head. */
  word(n: number): Uint8Array;
  /** Where the dynamic member begins whose offset is the n-th word. */
  offset(n: number): number;
}

function tupleAt(bytes: Uint8Array, start: number, words: number): Tuple {
  within(bytes, start, words * WORD);
  const word = (n: number): Uint8Array => bytes.subarray(start + n * WORD, start + (n + 1) * WORD);
  return { word, offset: (n) => start + lengthOf(word(n), bytes.length) };
}

function blocksAt(bytes: Uint8Array, at: number): SerialRun[] {
  const count = lengthOf(within(bytes, at, WORD), MAX_BLOCKS);
  const words = within(bytes, at + WORD, count * 2 * WORD);
  const uint64 = (n: number): string => String(numberOf(right(words.subarray(n * WORD, (n + 1) * WORD), UINT64_BYTES)));
  return Array.from({ length: count }, (_, n) => ({ start: uint64(2 * n), end: uint64(2 * n + 1) }));
}

/** As the service writes texts: what is no UTF-8, and zeros, by the replacement character. */
function textAt(bytes: Uint8Array, at: number): string {
  const length = lengthOf(within(bytes, at, WORD), bytes.length);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(within(bytes, at + WORD, length));
  return text.replaceAll("\u0000", "\ufffd");
}

function within(bytes: Uint8Array, start: number, length: number): Uint8Array {
  if (start + length > bytes.length) throw new RangeError("The record is cut");
  return bytes.subarray(start, start + length);
}

/** A length or an offset: a number that memory can have. */
function lengthOf(word: Uint8Array, most: number): number {
  const number = numberOf(word);
  if (number > BigInt(most)) throw new RangeError("The record has a length beyond itself");
  return Number(number);
}

/** The last bytes of a word, when the others are zero. */
function right(word: Uint8Array, length: number): Uint8Array {
  if (word.subarray(0, WORD - length).some((byte) => byte !== 0)) throw new RangeError("The record has a wide number");
  return word.subarray(WORD - length);
}

/** The code, or the word itself when it is none. */
function batchOf(word: Uint8Array): string {
  return orHex(() => codeOfBatchId(numberOf(word)), word);
}

function countryOf(word: Uint8Array): string | null {
  const country = word.subarray(0, 2);
  return orHex(() => decodeCountry(hexOf(country)), country);
}

function periodOf(
  start: Uint8Array,
  end: Uint8Array,
): Pick<RetirementRecord, "consumptionPeriodStart" | "consumptionPeriodEnd"> {
  if (numberOf(start) === 0n && numberOf(end) === 0n) {
    return { consumptionPeriodStart: null, consumptionPeriodEnd: null };
  }
  return { consumptionPeriodStart: dayOf(start), consumptionPeriodEnd: dayOf(end) };
}

function dayOf(word: Uint8Array): string {
  return orHex(() => isoDay(numberOf(right(word, UINT32_BYTES))), word);
}

function purposeOf(word: Uint8Array): string {
  return PURPOSES[lengthOf(word, PURPOSES.length - 1)] ?? "other";
}

function orHex<T>(read: () => T, bytes: Uint8Array): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof CodeError) return hexOf(bytes);
    throw error;
  }
}
