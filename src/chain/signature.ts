/**
 * ECDSA over digests on the native secp256k1 library, with the strictness of OpenZeppelin's `ECDSA`: what recovers here recovers on
 * chain, and the other way round. In a file of its own, because a browser cannot load native code.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import secp256k1 from "secp256k1";

import { checksummed } from "./checksum.js";
import { keccak256Of } from "./keccak.js";

/** r and s of 32 bytes each, and v. The 64-byte compact form (ERC-2098) is refused, as OpenZeppelin refuses it. */
const SIGNATURE_PATTERN = /^0x[0-9a-fA-F]{130}$/;
const DIGEST_PATTERN = /^0x[0-9a-fA-F]{64}$/;
/** Half of the group order, rounded down: a greater s has a twin that signs the same, and only one of the two may count. */
const HALF_ORDER = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";

/**
 * The account that signed a digest.
 * @returns The EIP-55 address, or `null` when the signature is malformed or recovers nothing.
 */
export function recoverSigner(digest: string, signature: string): string | null {
  if (!DIGEST_PATTERN.test(digest) || !SIGNATURE_PATTERN.test(signature)) return null;
  const recoveryId = Number.parseInt(signature.slice(130), 16) - 27;
  if (recoveryId !== 0 && recoveryId !== 1) return null;
  if (signature.slice(66, 130).toLowerCase() > HALF_ORDER) return null;

  try {
    const compact = hexToBytes(signature.slice(2, 130));
    return addressOf(secp256k1.ecdsaRecover(compact, recoveryId, hexToBytes(digest.slice(2)), false));
  } catch {
    return null; // r or s is not a number of the group, or r is no point of the curve.
  }
}

/** Signs a digest with a 32-byte private key: the 65-byte signature, low s, as hex. Deterministic (RFC 6979). */
export function signDigest(digest: string, privateKey: Uint8Array): string {
  if (!DIGEST_PATTERN.test(digest)) throw new RangeError("A digest is 32 bytes of hex");
  const { signature, recid } = secp256k1.ecdsaSign(hexToBytes(digest.slice(2)), privateKey);
  return `0x${bytesToHex(signature)}${(recid + 27).toString(16)}`;
}

/** The EIP-55 address of a 32-byte private key. */
export function addressOfKey(privateKey: Uint8Array): string {
  return addressOf(secp256k1.publicKeyCreate(privateKey, false));
}

/** @param publicKey Uncompressed, 65 bytes. */
function addressOf(publicKey: Uint8Array): string {
  return checksummed(`0x${bytesToHex(keccak256Of(publicKey.subarray(1)).subarray(12))}`);
}
