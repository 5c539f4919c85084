/**
 * Signs transactions over bytes. The general encoder of ethers goes over the hex text of the calldata several times; of a batch that is
 * more work than all the rest of sending it.
 */
import { keccak256Of } from "./keccak.js";
import { rlpInteger, rlpList, rlpString } from "./rlp.js";
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
  const bound = isLegacy ? [...fields, rlpInteger(chainId), rlpInteger(0n), rlpInteger(0n)] : fields;

  const signature = sign(hashOf([prefix, rlpList(bound)]));
  const parity = BigInt(`0x${signature.slice(130)}`) - 27n;
  const v = isLegacy ? chainId * 2n + 35n + parity : parity;
  const rAndS = [signature.slice(2, 66), signature.slice(66, 130)].map((word) => rlpInteger(BigInt(`0x${word}`)));
  const bytes = Buffer.concat([prefix, rlpList([...fields, rlpInteger(v), ...rAndS])]);
  return { hash: hashOf([bytes]), raw: `0x${bytes.toString("hex")}` };
}

function legacyFields({ nonce, gasPrice, gasLimit, to, data }: UnsignedTransaction): Uint8Array[] {
  return [
    rlpInteger(BigInt(nonce)),
    rlpInteger(gasPrice ?? 0n),
    rlpInteger(gasLimit),
    hex(to),
    rlpInteger(0n),
    hex(data),
  ];
}

function dynamicFeeFields(unsigned: UnsignedTransaction): Uint8Array[] {
  const { chainId, nonce, maxFeePerGas, maxPriorityFeePerGas, gasLimit, to, data } = unsigned;
  const fees = [rlpInteger(maxPriorityFeePerGas ?? 0n), rlpInteger(maxFeePerGas ?? 0n)];
  const call = [rlpInteger(gasLimit), hex(to), rlpInteger(0n), hex(data)];
  return [rlpInteger(chainId), rlpInteger(BigInt(nonce)), ...fees, ...call, EMPTY_LIST];
}

function hashOf(parts: readonly Uint8Array[]): string {
  return `0x${Buffer.from(keccak256Of(...parts)).toString("hex")}`;
}

function hex(text: string): Uint8Array {
  const bytes = Buffer.from(text.slice(2), "hex");
  // Node stops silently at what is no hex.
  if (bytes.length * 2 !== text.length - 2) throw new RangeError("Not hex");
  return rlpString(bytes);
}
