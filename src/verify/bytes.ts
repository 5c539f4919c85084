import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { ReasonCode } from "./types.js";

/** Why a file is refused, in words for people; never leaves the verifier. */
export class Rejection extends Error {
  readonly code: ReasonCode;

  constructor(code: ReasonCode, message: string) {
    super(message);
    this.name = "Rejection";
    this.code = code;
  }
}

/** 0x and lower-case hex. */
export function hexOf(bytes: Uint8Array): string {
  return `0x${bytesToHex(bytes)}`;
}

/** @param hex With 0x, as a schema has already found it. */
export function bytesOf(hex: string): Uint8Array {
  return hexToBytes(hex.slice(2));
}

export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** The number that bytes are, the higher first; 0 for none. */
export function numberOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(hexOf(bytes));
}

/** 32 bytes, the higher first. */
export function word(value: bigint): Uint8Array {
  return hexToBytes(value.toString(16).padStart(64, "0"));
}

/** 32 bytes of which the last 20 are the address. */
export function addressWord(address: string): Uint8Array {
  return hexToBytes(address.slice(2).padStart(64, "0"));
}

/** Where `wanted` next begins at `from` or later, or −1: one pass, whatever the bytes are. */
export function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  const [first = 0] = wanted;
  const last = bytes.length - wanted.length;
  for (let at = bytes.indexOf(first, from); at !== -1 && at <= last; at = bytes.indexOf(first, at + 1)) {
    if (matches(bytes, wanted, at)) return at;
  }
  return -1;
}

/** Whether `wanted` stands at a place. */
export function matches(bytes: Uint8Array, wanted: Uint8Array, at: number): boolean {
  if (at < 0 || at + wanted.length > bytes.length) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}
