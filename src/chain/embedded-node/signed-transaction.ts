import { concat, decodeRlp, encodeRlp, getBytes, keccak256 } from "ethers";
import secp256k1 from "secp256k1";

import { RPC_CODES, RpcRefusal } from "./errors.js";

/** What the node must know before it writes a transaction down. The engine itself checks the rest. */
export interface SignedTransaction {
  readonly raw: string;
  /** Lower-case hex. */
  readonly sender: string;
  readonly nonce: bigint;
  readonly chainId: bigint;
  readonly gasLimit: bigint;
  /** Most that the transaction may cost its sender, value and gas, in wei. */
  readonly maxCost: bigint;
  /** Gas that is paid before the first instruction runs. */
  readonly intrinsicGas: bigint;
}

/** Room for the largest contract creation (EIP-3860: 49,152 bytes), with the same limit as public networks. */
const MAX_RAW_BYTES = 131_072;

/** Where the fields stand in the RLP list. Types 0 (EIP-155), 1 (EIP-2930) and 2 (EIP-1559); blobs have no place here. */
const LAYOUTS = {
  legacy: { fields: 9, nonce: 0, gasPrice: 1, gasLimit: 2, to: 3, value: 4, data: 5, v: 6 },
  accessList: { fields: 11, nonce: 1, gasPrice: 2, gasLimit: 3, to: 4, value: 5, data: 6, v: 8 },
  dynamicFee: { fields: 12, nonce: 1, gasPrice: 3, gasLimit: 4, to: 5, value: 6, data: 7, v: 9 },
} as const;

/** Decodes a raw transaction and recovers its sender. @throws RpcRefusal when it is not a well-formed signed transaction */
export function decodeSignedTransaction(raw: unknown): SignedTransaction {
  if (typeof raw !== "string" || !/^0x([0-9a-f]{2})+$/i.test(raw)) throw malformed("not hex data");
  if (raw.length / 2 - 1 > MAX_RAW_BYTES) throw malformed(`more than ${MAX_RAW_BYTES} bytes`);
  try {
    return decode(raw.toLowerCase());
  } catch (error) {
    if (error instanceof RpcRefusal) throw error;
    throw malformed(error instanceof Error ? error.message : String(error));
  }
}

function decode(raw: string): SignedTransaction {
  const type = Number(raw.slice(0, 4));
  const isLegacy = type >= 0xc0;
  if (!isLegacy && type !== 1 && type !== 2) throw malformed(`type ${type} is not supported`);
  const layout = isLegacy ? LAYOUTS.legacy : type === 1 ? LAYOUTS.accessList : LAYOUTS.dynamicFee;

  const list = decodeRlp(isLegacy ? raw : `0x${raw.slice(4)}`);
  if (!Array.isArray(list) || list.length !== layout.fields) throw malformed("wrong number of fields");
  const text = (index: number): string => {
    const field = list[index];
    if (typeof field !== "string") throw malformed("a list where a number or bytes belong");
    return field;
  };
  const quantity = (index: number): bigint => (text(index) === "0x" ? 0n : BigInt(text(index)));

  const v = quantity(layout.v);
  if (isLegacy && v < 35n) throw malformed("no chain id (EIP-155)");
  const chainId = isLegacy ? (v - 35n) / 2n : quantity(0);
  const parity = isLegacy ? (v - 35n) % 2n : v;
  const unsigned = isLegacy
    ? encodeRlp([...list.slice(0, 6), minimalHex(chainId), "0x", "0x"])
    : concat([`0x0${type}`, encodeRlp(list.slice(0, -3))]);

  const gasLimit = quantity(layout.gasLimit);
  const accessList = isLegacy ? [] : list[layout.data + 1];
  return {
    raw,
    sender: recover(unsigned, quantity(layout.v + 1), quantity(layout.v + 2), parity),
    nonce: quantity(layout.nonce),
    chainId,
    gasLimit,
    maxCost: gasLimit * quantity(layout.gasPrice) + quantity(layout.value),
    intrinsicGas: intrinsicGas(text(layout.data), text(layout.to) === "0x", accessList),
  };
}

function recover(unsigned: string, r: bigint, s: bigint, parity: bigint): string {
  if (parity > 1n) throw malformed("the signature's parity is neither 0 nor 1");
  const signature = getBytes(`0x${hexWord(r)}${hexWord(s)}`);
  const publicKey = secp256k1.ecdsaRecover(signature, Number(parity), getBytes(keccak256(unsigned)), false);
  return `0x${keccak256(publicKey.subarray(1)).slice(26)}`;
}

/** Gas per transaction, EIP-2 and EIP-2028; per creation, EIP-3860; per access list entry, EIP-2930. */
function intrinsicGas(data: string, isCreation: boolean, accessList: unknown): bigint {
  const bytes = getBytes(data);
  const zeros = bytes.reduce((count, byte) => (byte === 0 ? count + 1 : count), 0);
  let gas = 21_000 + zeros * 4 + (bytes.length - zeros) * 16;
  if (isCreation) gas += 32_000 + Math.ceil(bytes.length / 32) * 2;
  for (const entry of Array.isArray(accessList) ? accessList : []) {
    const keys: unknown = Array.isArray(entry) ? entry[1] : [];
    gas += 2_400 + (Array.isArray(keys) ? keys.length : 0) * 1_900;
  }
  return BigInt(gas);
}

function minimalHex(value: bigint): string {
  const hex = value.toString(16);
  return `0x${hex.length % 2 === 0 ? hex : `0${hex}`}`;
}

function hexWord(value: bigint): string {
  return value.toString(16).padStart(64, "0");
}

function malformed(reason: string): RpcRefusal {
  return new RpcRefusal(RPC_CODES.invalidParams, `Not a signed transaction that this node takes: ${reason}`);
}
