import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { createKeccak } from "hash-wasm";

/** WebAssembly: eight to ten times as fast as JavaScript, and every signature, digest and transaction asks for it. */
const hasher = await createKeccak(256);

/** keccak-256 of bytes, or of several pieces one after the other: 32 bytes. Imports nothing that a browser lacks. */
export function keccak256Of(...pieces: readonly Uint8Array[]): Uint8Array {
  hasher.init();
  for (const piece of pieces) hasher.update(piece);
  return hasher.digest("binary");
}

/** keccak-256 of bytes, both as 0x and lower-case hex. */
export function keccak256(bytes: string): `0x${string}` {
  return `0x${bytesToHex(keccak256Of(hexToBytes(bytes.slice(2))))}`;
}

/** keccak-256 of a text's UTF-8, as 0x and lower-case hex. */
export function keccak256OfText(text: string): `0x${string}` {
  return `0x${bytesToHex(keccak256Of(utf8ToBytes(text)))}`;
}
