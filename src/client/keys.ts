import { computeAddress, hexlify } from "ethers";

import type { Address } from "./types.js";

/** A new private key (32 random bytes, hex). Keep it before it is used: nothing brings a lost key back. */
export function newPrivateKey(): string {
  for (;;) {
    const key = hexlify(crypto.getRandomValues(new Uint8Array(32)));
    // All but about one in 2^128 numbers of 256 bits are keys.
    if (isPrivateKey(key)) return key;
  }
}

/** The account (EIP-55) that a private key controls. */
export function addressOf(privateKey: string): Address {
  return computeAddress(privateKey);
}

function isPrivateKey(key: string): boolean {
  try {
    computeAddress(key);
    return true;
  } catch {
    return false;
  }
}
