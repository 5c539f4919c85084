/** Random names. A browser has `crypto.randomUUID` on secure pages only; `getRandomValues` is everywhere. */

/** A key that no other request has: 128 random bits, hexadecimal. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** 256 random bits, as a number. */
export function randomNonce(): bigint {
  return crypto.getRandomValues(new BigUint64Array(4)).reduce((sum, part) => (sum << 64n) | part, 0n);
}

/** 32 random bytes, hexadecimal with 0x. */
export function randomHash(): string {
  return `0x${randomNonce().toString(16).padStart(64, "0")}`;
}
