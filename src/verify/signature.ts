import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { bytesOf, hexOf, numberOf } from "./bytes.js";

/** Half of the group order, rounded down: a greater s has a twin that signs the same, and only one of the two may count. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/**
 * The account that signed a digest, strictly: one signature has one spelling.
 * @param signature 65 bytes: r, s, and v of 27 or 28.
 * @returns lower-case hex, or null when nobody signed so
 */
export function recoverAddress(digest: string, signature: string): string | null {
  const bytes = bytesOf(signature);
  const v = bytes[64];
  if (bytes.length !== 65 || (v !== 27 && v !== 28)) return null;
  return recoverSealer(bytesOf(digest), bytes, v - 27);
}

/** @param signature r and s in its first 64 bytes. @param parity 0 or 1. @returns as `recoverAddress` */
export function recoverSealer(digest: Uint8Array, signature: Uint8Array, parity: number): string | null {
  const [r, s] = [numberOf(signature.subarray(0, 32)), numberOf(signature.subarray(32, 64))];
  if (s > HALF_ORDER || (parity !== 0 && parity !== 1)) return null;
  try {
    const key = new secp256k1.Signature(r, s, parity).recoverPublicKey(digest).toBytes(false);
    return hexOf(keccak_256(key.subarray(1)).subarray(12));
  } catch {
    return null; // r or s is not a number of the group, or r is no point of the curve.
  }
}

/** What somebody signs with: only for those who hold a key in their hands, as scripts and tests do. @returns 65 bytes as hex */
export function signWith(digest: string, privateKey: Uint8Array): string {
  const signed = secp256k1.sign(bytesOf(digest), privateKey, { prehash: false, format: "recovered" });
  const [parity = 0] = signed;
  return `0x${bytesToHex(signed.subarray(1))}${(27 + parity).toString(16)}`;
}
