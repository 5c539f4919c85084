/** An intent on its way to `Intents.executeBatch`: the ABI encoding of its struct, and back. */
import { AbiCoder, concat, keccak256, ParamType } from "ethers";

import { compileAbi, compileArguments } from "./abi-encoding.js";
import { INTENT_KINDS, type IntentKind } from "./event-types.js";
import { forEachKind, INTENT_TYPES, INTENT_TYPE_NAMES, type IntentByKind } from "./intents.js";
import type { TypedTypes } from "./typed-data.js";

/** `IIntents.SignedIntent`, as the contract's `executeBatch` takes it. */
export interface SignedIntentItem {
  /** Place in `INTENT_KINDS`. */
  kind: number;
  payload: string;
  signature: string;
}

/** A payload that is not the ABI encoding of the struct. */
export class IntentPayloadError extends Error {
  readonly kind: IntentKind;

  constructor(kind: IntentKind, cause: unknown) {
    super(`Not the ABI encoding of a ${INTENT_TYPE_NAMES[kind]}`, { cause });
    this.name = "IntentPayloadError";
    this.kind = kind;
  }
}

const CODER = AbiCoder.defaultAbiCoder();

/** The structs' ABI types follow from their EIP-712 types, so that no field is listed twice. */
const PARAMETERS: Readonly<Record<IntentKind, ParamType>> = forEachKind(structParameter);

const ENCODERS: Readonly<Record<IntentKind, (intent: unknown) => string>> = forEachKind((kind) =>
  compileAbi(INTENT_TYPES[kind], INTENT_TYPE_NAMES[kind]),
);

const SIGNED_INTENT = [
  { name: "kind", type: "uint8" },
  { name: "payload", type: "bytes" },
  { name: "signature", type: "bytes" },
];
const encodeBatchArguments = compileArguments({ SignedIntent: SIGNED_INTENT }, ["SignedIntent[]", "uint256"]);
/** Selector of `executeBatch((uint8,bytes,bytes)[],uint256)`. */
const EXECUTE_BATCH = "0xe98d1f42";

/** The ABI encoding of the struct, hex. */
export function encodeIntentPayload<K extends IntentKind>(kind: K, intent: IntentByKind[K]): string {
  return ENCODERS[kind](intent);
}

/** The call of `Intents.executeBatch`, hex. */
export function encodeBatch(items: readonly SignedIntentItem[], gasPerIntent: bigint): string {
  return EXECUTE_BATCH + encodeBatchArguments(items, gasPerIntent);
}

/**
 * The intent in a payload. Inverse of `encodeIntentPayload`; accounts come back in EIP-55 form.
 * @throws IntentPayloadError
 */
export function decodeIntentPayload<K extends IntentKind>(kind: K, payload: string): IntentByKind[K] {
  const parameter = PARAMETERS[kind];
  try {
    const [value] = CODER.decode([parameter], payload);
    const intent = plain(parameter, value) as IntentByKind[K];
    // One intent, one payload: an encoding with gaps or other offsets would have another item hash.
    if (encodeIntentPayload(kind, intent) !== payload.toLowerCase()) throw new Error("Not the canonical encoding");
    return intent;
  } catch (cause) {
    throw new IntentPayloadError(kind, cause);
  }
}

/** The item of a batch. */
export function signedIntentItem<K extends IntentKind>(
  kind: K,
  intent: IntentByKind[K],
  signature: string,
): SignedIntentItem {
  return { kind: INTENT_KINDS.indexOf(kind), payload: encodeIntentPayload(kind, intent), signature };
}

/** What `IntentFailed` names an item by. */
export function itemHash(item: Pick<SignedIntentItem, "payload" | "signature">): string {
  return keccak256(concat([item.payload, item.signature]));
}

function structParameter(kind: IntentKind): ParamType {
  const types = INTENT_TYPES[kind];
  return ParamType.from(describeTuple(types, INTENT_TYPE_NAMES[kind]));
}

function describeTuple(types: TypedTypes, name: string): string {
  const members = (types[name] ?? []).map((field) => {
    const [, base = field.type, suffix = ""] = /^(\w+)((?:\[\])?)$/.exec(field.type) ?? [];
    const type = types[base] === undefined ? base : describeTuple(types, base);
    return `${type}${suffix} ${field.name}`;
  });
  return `tuple(${members.join(", ")})`;
}

/** ethers' results as plain objects; enum members and day numbers as numbers. */
function plain(parameter: ParamType, value: unknown): unknown {
  if (parameter.isArray())
    return Array.from(value as Iterable<unknown>, (item) => plain(parameter.arrayChildren, item));
  if (parameter.isTuple()) {
    const values = value as readonly unknown[];
    return Object.fromEntries(parameter.components.map((member, index) => [member.name, plain(member, values[index])]));
  }
  const isSmall = parameter.type === "uint8" || (parameter.type === "uint32" && !parameter.name.endsWith("Nonce"));
  return isSmall ? Number(value) : value;
}
