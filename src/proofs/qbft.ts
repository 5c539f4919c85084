import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

import { itemsOf, readRlp } from "../chain/rlp.js";
import { qbftOf, readHeader } from "../verify/header.js";

const ADDRESS_BYTES = 20;

/**
 * The block's hash where the engine is QBFT, whose seals it leaves out.
 * @param rlp Of the header, as 0x and hex. @returns undefined for a header of another engine
 */
export function qbftBlockHash(rlp: string): string | undefined {
  return orUndefined(() => `0x${bytesToHex(qbftOf(readHeader(bytesOf(rlp))).blockHash)}`);
}

/** The validators that the extra data of a QBFT header names, lower-case; none for another engine. */
export function validatorsOf(extraData: string): readonly string[] {
  const named = orUndefined(() => {
    const [, validators, ...others] = itemsOf(readRlp(bytesOf(extraData)));
    if (validators === undefined || others.length !== 3) return [];
    const addresses = itemsOf(validators).map(({ content }) => content);
    return addresses.every(({ length }) => length === ADDRESS_BYTES)
      ? addresses.map((address) => `0x${bytesToHex(address)}`)
      : [];
  });
  return named ?? [];
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function bytesOf(hex: string): Uint8Array {
  return hexToBytes(hex.slice(2));
}
