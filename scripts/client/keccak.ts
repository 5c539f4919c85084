import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

/**
 * What stands in the browser's file in the place of `src/chain/keccak.ts`, whose WebAssembly many pages' content security policy forbids.
 * A client hashes little.
 */
export function keccak256Of(...pieces: readonly Uint8Array[]): Uint8Array {
  return keccak_256(concatBytes(...pieces));
}

export function keccak256(bytes: string): string {
  return `0x${bytesToHex(keccak256Of(hexToBytes(bytes.slice(2))))}`;
}

export function keccak256OfText(text: string): string {
  return `0x${bytesToHex(keccak256Of(utf8ToBytes(text)))}`;
}
