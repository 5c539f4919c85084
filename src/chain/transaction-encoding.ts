/**
 * Signs transactions over bytes. The general encoder of ethers goes over the hex text of the calldata several times; of a batch that is
 * more work than all the rest of sending it.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";

import type { SignedTransaction, UnsignedTransaction } from "./signers.js";

/** A transaction of type 2 (EIP-1559) begins with it. */
const DYNAMIC_FEE = Uint8Array.of(2);
const NOTHING = new Uint8Array(0);
const EMPTY_LIST = Uint8Array.of(0xc0);

/**
 * Signs a transaction that moves no money: legacy with the chain in `v` (EIP-155), or EIP-1559 with an empty access list.
 * @param sign Signs a digest: 65 bytes r, s, v as hex, v 27 or 28.
 */
export function encodeSigned(unsigned: UnsignedTransaction, sign: (digest: string) => string): SignedTransaction {
  const { chainId, gasPrice } = unsigned;
  const isLegacy = gasPrice !== undefined;
  const prefix = isLegacy ? NOTHING : DYNAMIC_FEE;
  const fields = isLegacy ? legacyFields(unsigned) : dynamicFeeFields(unsigned);
  const bound = isLegacy ? [...fields, integer(chainId), integer(0n), integer(0n)] : fields;

  const signature = sign(hashOf([prefix, list(bound)]));
  const parity = BigInt(`0x${signature.slice(130)}`) - 27n;
  const v = isLegacy ? chainId * 2n + 35n + parity : parity;
  const rAndS = [signature.slice(2, 66), signature.slice(66, 130)].map((word) => integer(BigInt(`0x${word}`)));
  const bytes = Buffer.concat([prefix, list([...fields, integer(v), ...rAndS])]);
  return { hash: hashOf([bytes]), raw: `0x${bytes.toString("hex")}` };
}

function legacyFields({ nonce, gasPrice, gasLimit, to, data }: UnsignedTransaction): Uint8Array[] {
  return [integer(BigInt(nonce)), integer(gasPrice ?? 0n), integer(gasLimit), hex(to), integer(0n), hex(data)];
}

function dynamicFeeFields(unsigned: UnsignedTransaction): Uint8Array[] {
  const { chainId, nonce, maxFeePerGas, maxPriorityFeePerGas, gasLimit, to, data } = unsigned;
  const fees = [integer(maxPriorityFeePerGas ?? 0n), integer(maxFeePerGas ?? 0n)];
  const call = [integer(gasLimit), hex(to), integer(0n), hex(data)];
  return [integer(chainId), integer(BigInt(nonce)), ...fees, ...call, EMPTY_LIST];
}

function hashOf(parts: readonly Uint8Array[]): string {
  const hash = keccak_256.create();
  for (const part of parts) hash.update(part);
  return `0x${Buffer.from(hash.digest()).toString("hex")}`;
}

/** RLP: big-endian without leading zeros; zero is the empty string. */
function integer(value: bigint): Uint8Array {
  if (value === 0n) return string(NOTHING);
  const digits = value.toString(16);
  return string(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex"));
}

function hex(text: string): Uint8Array {
  const bytes = Buffer.from(text.slice(2), "hex");
  // Node stops silently at what is no hex.
  if (bytes.length * 2 !== text.length - 2) throw new RangeError("Not hex");
  return string(bytes);
}

function string(bytes: Uint8Array): Uint8Array {
  const [first = 0] = bytes;
  return bytes.length === 1 && first < 0x80 ? bytes : Buffer.concat([header(0x80, bytes.length), bytes]);
}

function list(encoded: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(encoded);
  return Buffer.concat([header(0xc0, body.length), body]);
}

/** A length up to 55 is in the first byte; of a greater one the first byte tells the number of its bytes. */
function header(offset: number, length: number): Uint8Array {
  if (length < 56) return Uint8Array.of(offset + length);
  const digits = length.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
  return Buffer.concat([Uint8Array.of(offset + 55 + bytes.length), bytes]);
}
