/**
 * Where the contracts keep what a pack proves, by Solidity's rules for mappings. Tests hold the numbers to the compiler's layout:
 * `Retirements._retirementHashes` is slot 8, `Units._holdings` slot 0 and `Units._frozenTonnes` slot 1.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { addressWord, numberOf, word } from "./bytes.js";

const RETIREMENT_HASHES = 8n;
const HOLDINGS = 0n;
const FROZEN_TONNES = 1n;
const WORDS = 1n << 256n;

/** Where the hash of a retirement's record lies in `Retirements`. */
export function retirementSlot(retirementId: bigint): Uint8Array {
  return mapped(word(retirementId), word(RETIREMENT_HASHES));
}

/** Where the head of a holding lies in `Units`. @param account 0x and 40 digits */
export function holdingSlot(account: string, batchId: bigint): Uint8Array {
  return mapped(addressWord(account), mapped(word(batchId), word(HOLDINGS)));
}

/** Where a holding's later blocks lie, three to a word: the mapping is right after the head. @param place From 0 on. */
export function tailSlot(account: string, batchId: bigint, place: bigint): Uint8Array {
  return mapped(word(place), word((numberOf(holdingSlot(account, batchId)) + 1n) % WORDS));
}

/** Where a marked holding's frozen tonnes lie in `Units`. */
export function frozenSlot(account: string, batchId: bigint): Uint8Array {
  return mapped(addressWord(account), mapped(word(batchId), word(FROZEN_TONNES)));
}

function mapped(key: Uint8Array, slot: Uint8Array): Uint8Array {
  return keccak_256(concatBytes(key, slot));
}
