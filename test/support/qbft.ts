import { keccak_256 } from "@noble/hashes/sha3.js";

import { readRlpList, rlpInteger, rlpList, rlpString } from "../../src/chain/rlp.js";
import { signDigest } from "../../src/chain/signature.js";
import { bytesOf, hexOf } from "../../src/verify/bytes.js";
import { lowerAddressOf } from "./packs.js";

const EXTRA_DATA = 12;

/** Private keys of validators that exist in tests only. */
export const validatorKeys = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, at) => new Uint8Array(32).fill(101 + at));

export interface QbftOptions {
  readonly round?: bigint;
  /** Who signs, of another list than that of the header. */
  readonly sealers?: readonly Uint8Array[];
  /** Signs with another round than the header has. */
  readonly signedRound?: bigint;
}

/** A header as Hyperledger Besu's QBFT would seal it, made of one that has another engine. @returns it, and its block's hash */
export function sealedHeader(header: string, keys: readonly Uint8Array[], options: QbftOptions = {}) {
  const { round = 0n, sealers = keys, signedRound = round } = options;
  const fields = readRlpList(bytesOf(header)).map((field) => field.encoded);
  const validators = rlpList(keys.map((key) => rlpString(bytesOf(lowerAddressOf(key)))));
  const withExtra = (number: bigint, seals: readonly Uint8Array[]): Uint8Array => {
    const vanity = rlpString(new Uint8Array(32));
    const extra = rlpList([vanity, validators, rlpList([]), rlpInteger(number), rlpList(seals.map(rlpString))]);
    return rlpList(fields.map((field, at) => (at === EXTRA_DATA ? rlpString(extra) : field)));
  };
  const digest = hexOf(keccak_256(withExtra(signedRound, [])));
  const seals = sealers.map((key) => {
    const signature = bytesOf(signDigest(digest, key));
    signature[64]! -= 27;
    return signature;
  });
  return { header: hexOf(withExtra(round, seals)), blockHash: hexOf(keccak_256(withExtra(0n, []))) };
}
