import type { ErrorFragment } from "ethers";
import { AbiCoder, Interface, isHexString, type ParamType, type Result } from "ethers";

import * as generated from "../../types/ethers-contracts/factories/index.js";
import { CodeError, codeOfBatchId, decodeCode } from "./codes.js";
import type { Json } from "./event-types.js";
import type { RpcError } from "./rpc-errors.js";

/** What a contract said when it refused. */
export interface DecodedRevert {
  /** Name of the Solidity error; `Error` for `require(…, "text")`, `Panic` for a failed assertion. */
  readonly name: string;
  /** Its arguments by name: integers of up to 48 bits as numbers, wider ones as decimal strings, codes and batch ids as codes. */
  readonly args: Readonly<Record<string, Json>>;
}

/**
 * Reads revert data with the errors of every contract and interface of the ledger.
 * @returns null when the data is empty or belongs to no error that is known.
 */
export function decodeRevert(data: string): DecodedRevert | null {
  if (!isHexString(data) || data.length < 10) return null;
  const fragment = errorsBySelector().get(data.slice(0, 10).toLowerCase());
  if (fragment === undefined) return null;
  try {
    const values = AbiCoder.defaultAbiCoder().decode(fragment.inputs, `0x${data.slice(10)}`);
    return { name: fragment.name, args: namedArguments(fragment.inputs, values) };
  } catch {
    // Cut at 256 bytes on the chain, or not what its selector claims: the name is still worth telling.
    return { name: fragment.name, args: {} };
  }
}

/** The signature of every error that `decodeRevert` knows, sorted: for the test that each has a row in the error table. */
export function knownErrors(): { readonly name: string; readonly signature: string }[] {
  return [...errorsBySelector().values()]
    .map((fragment) => ({ name: fragment.name, signature: fragment.format("sighash") }))
    .sort((a, b) => (a.signature < b.signature ? -1 : 1));
}

/**
 * The revert data that an error of a call carries, wherever the library or the node put it.
 * @returns null when there is none, as when the chain was not reached.
 */
export function revertDataOf(error: unknown): string | null {
  let candidate: unknown = error;
  // Errors wrap each other a few levels deep at most: ethers' `info.error`, a node's `data.data`.
  for (let depth = 0; depth < 5 && typeof candidate === "object" && candidate !== null; depth++) {
    const layer = candidate as { data?: unknown; error?: unknown; info?: unknown };
    if (typeof layer.data === "string" && isHexString(layer.data)) return layer.data.toLowerCase();
    candidate = layer.data ?? layer.error ?? layer.info;
  }
  return null;
}

/**
 * True when the node ran the call and it failed; false when the node could not run it at all, as one that is overloaded or syncing.
 * Nodes tell a revert by its data (and code 3), and everything else that ends a call, as running out of gas, only in words.
 */
export function isExecutionFailure(error: RpcError): boolean {
  return (
    error.data !== null ||
    error.code === 3 ||
    /revert|out of gas|ran out|invalid opcode|gas required exceeds/i.test(error.message)
  );
}

const BUILT_IN = ["error Error(string reason)", "error Panic(uint256 code)"];

let cache: ReadonlyMap<string, ErrorFragment> | undefined;

function errorsBySelector(): ReadonlyMap<string, ErrorFragment> {
  if (cache !== undefined) return cache;
  const errors = new Map<string, ErrorFragment>();
  for (const abi of [BUILT_IN, ...abisIn(generated)]) {
    Interface.from(abi).forEachError((fragment) => errors.set(fragment.selector, fragment));
  }
  cache = errors;
  return errors;
}

type Abi = ConstructorParameters<typeof Interface>[0];

/** The generated index nests one module per folder of contracts; a factory is whatever has an ABI. */
function abisIn(module: object): Abi[] {
  return Object.values(module).flatMap((member: unknown): Abi[] => {
    if (typeof member === "function" && "abi" in member) return [member.abi as Abi];
    return typeof member === "object" && member !== null ? abisIn(member) : [];
  });
}

const NUMBER_BITS = 48;
const CODE_NAMES = new Set(["code", "projectCode", "batchCode", "programme", "series"]);

function namedArguments(params: readonly ParamType[], values: Result): Record<string, Json> {
  const list: unknown[] = values.toArray();
  return Object.fromEntries(
    params.map((param, i) => [param.name === "" ? `arg${i}` : param.name, toJson(param, list[i])]),
  );
}

function toJson(param: ParamType, value: unknown): Json {
  if (typeof value === "boolean") return value;
  if (typeof value === "bigint") {
    if (param.type === "uint256" && /^(batchId|tokenId)$/.test(param.name))
      return asCode(() => codeOfBatchId(value), value.toString());
    return Number(/\d+$/.exec(param.type)?.[0] ?? 256) <= NUMBER_BITS ? Number(value) : value.toString();
  }
  if (Array.isArray(value)) return value.map((item) => (typeof item === "bigint" ? item.toString() : String(item)));
  const text = String(value);
  return param.type === "bytes32" && CODE_NAMES.has(param.name) ? asCode(() => decodeCode(text), text) : text;
}

function asCode(read: () => string, raw: string): string {
  try {
    return read();
  } catch (error) {
    if (error instanceof CodeError) return raw;
    throw error;
  }
}
