import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

/** keccak-256 of bytes, both as 0x and lower-case hex. Imports nothing that a browser lacks. */
export function keccak256(bytes: string): string {
  return `0x${bytesToHex(keccak_256(hexToBytes(bytes.slice(2))))}`;
}
