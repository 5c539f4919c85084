import { bytesToHex } from "@noble/hashes/utils.js";
import secp256k1 from "secp256k1";

import { keccak256Of } from "../keccak.js";
import { itemsOf, readRlpList, rlpInteger, rlpList, type RlpItem } from "../rlp.js";
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
  const bytes = Buffer.from(raw.slice(2), "hex");
  const [type = 0] = bytes;
  const isLegacy = type >= 0xc0;
  if (!isLegacy && type !== 1 && type !== 2) throw malformed(`type ${type} is not supported`);
  const layout = isLegacy ? LAYOUTS.legacy : type === 1 ? LAYOUTS.accessList : LAYOUTS.dynamicFee;

  const list = readRlpList(isLegacy ? bytes : bytes.subarray(1));
  if (list.length !== layout.fields) throw malformed("wrong number of fields");
  const text = (index: number): Uint8Array => {
    const field = list[index];
    if (field === undefined || field.isList) throw malformed("a list where a number or bytes belong");
    return field.content;
  };
  const quantity = (index: number): bigint => BigInt(`0x0${bytesToHex(text(index))}`);

  const v = quantity(layout.v);
  if (isLegacy && v < 35n) throw malformed("no chain id (EIP-155)");
  const chainId = isLegacy ? (v - 35n) / 2n : quantity(0);
  const parity = isLegacy ? (v - 35n) % 2n : v;

  const gasLimit = quantity(layout.gasLimit);
  return {
    raw,
    sender: recover(digestOf(list, isLegacy ? null : type, chainId), text(layout.v + 1), text(layout.v + 2), parity),
    nonce: quantity(layout.nonce),
    chainId,
    gasLimit,
    maxCost: gasLimit * quantity(layout.gasPrice) + quantity(layout.value),
    intrinsicGas: intrinsicGas(
      text(layout.data),
      text(layout.to).length === 0,
      isLegacy ? undefined : list[layout.data + 1],
    ),
  };
}

/** What was signed: the fields without the signature, with the chain in its place in a legacy transaction. @param type Null: legacy. */
function digestOf(list: readonly RlpItem[], type: number | null, chainId: bigint): Uint8Array {
  const encoded = list.slice(0, -3).map((item) => item.encoded);
  return type === null
    ? keccak256Of(rlpList([...encoded, rlpInteger(chainId), rlpInteger(0n), rlpInteger(0n)]))
    : keccak256Of(Uint8Array.of(type), rlpList(encoded));
}

function recover(digest: Uint8Array, r: Uint8Array, s: Uint8Array, parity: bigint): string {
  if (parity > 1n) throw malformed("the signature's parity is neither 0 nor 1");
  if (r.length > 32 || s.length > 32) throw malformed("a part of the signature has more than 32 bytes");
  const signature = new Uint8Array(64);
  signature.set(r, 32 - r.length);
  signature.set(s, 64 - s.length);
  const publicKey = secp256k1.ecdsaRecover(signature, Number(parity), digest, false);
  return `0x${Buffer.from(keccak256Of(publicKey.subarray(1)).subarray(12)).toString("hex")}`;
}

/** Gas per transaction, EIP-2 and EIP-2028; per creation, EIP-3860; per access list entry, EIP-2930. */
function intrinsicGas(data: Uint8Array, isCreation: boolean, accessList: RlpItem | undefined): bigint {
  let zeros = 0;
  for (const byte of data) if (byte === 0) zeros += 1;
  let gas = 21_000 + zeros * 4 + (data.length - zeros) * 16;
  if (isCreation) gas += 32_000 + Math.ceil(data.length / 32) * 2;
  for (const entry of accessList === undefined ? [] : itemsOf(accessList)) {
    const [, keys] = itemsOf(entry);
    gas += 2_400 + (keys === undefined ? 0 : itemsOf(keys).length) * 1_900;
  }
  return BigInt(gas);
}

function malformed(reason: string): RpcRefusal {
  return new RpcRefusal(RPC_CODES.invalidParams, `Not a signed transaction that this node takes: ${reason}`);
}
