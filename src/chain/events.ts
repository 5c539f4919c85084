import {
  AbiCoder,
  Interface,
  ParamType,
  getAddress,
  getBytes,
  hexlify,
  keccak256,
  type InterfaceAbi,
  type Result,
} from "ethers";

import { Intents__factory } from "../../types/ethers-contracts/factories/Intents__factory.js";
import { LedgerAccess__factory } from "../../types/ethers-contracts/factories/LedgerAccess__factory.js";
import { Participants__factory } from "../../types/ethers-contracts/factories/Participants__factory.js";
import { Registry__factory } from "../../types/ethers-contracts/factories/Registry__factory.js";
import { Retirements__factory } from "../../types/ethers-contracts/factories/Retirements__factory.js";
import { Units__factory } from "../../types/ethers-contracts/factories/Units__factory.js";
import { CodeError, codeOfBatchId, decodeCode, decodeCountry } from "./codes.js";
import {
  CANCELLATION_REASONS,
  FIRST_TRANSFERS,
  INTENT_KINDS,
  PROJECT_STATUSES,
  PURPOSES,
  type Json,
  type LedgerContractName,
  type LedgerEvent,
} from "./event-types.js";
import type { RawLog } from "./source.js";

/** Addresses of the ledger's contracts. */
export type LedgerAddresses = Readonly<Record<LedgerContractName, string>>;

/** Turns a log into an event; `null` when it comes from a contract that is not the ledger's. */
export type EventDecoder = (log: RawLog) => LedgerEvent | null;

/** One of the ledger's own contracts emitted what this program cannot read: it is older than the contracts. A person must act. */
export class UnknownLogError extends Error {
  constructor(contract: LedgerContractName, log: RawLog) {
    super(`Unreadable log of ${contract} at block ${log.blockNumber}, index ${log.logIndex}: topic ${log.topics[0] ?? "none"}`);
    this.name = "UnknownLogError";
  }
}

/** Makes the decoder for one deployment. */
export function createEventDecoder(addresses: LedgerAddresses): EventDecoder {
  const shapes = new Map<string, { contract: LedgerContractName; byTopic: ReadonlyMap<string, EventShape> }>();
  for (const [contract, abi] of Object.entries(ABIS) as [LedgerContractName, InterfaceAbi][]) {
    shapes.set(getAddress(addresses[contract]), { contract, byTopic: shapesOf(abi) });
  }
  return (log) => {
    const known = shapes.get(getAddress(log.address));
    if (known === undefined) return null;
    const shape = known.byTopic.get(log.topics[0] ?? "");
    if (shape === undefined) throw new UnknownLogError(known.contract, log);
    const { contract } = known;
    const place = { contract, blockNumber: log.blockNumber, logIndex: log.logIndex, txHash: log.txHash };
    // The table `EventArgs` is the static twin of what `decodeArgs` yields; a test holds their names equal.
    return { ...place, name: shape.name, args: decodeArgs(shape, contract, log) } as unknown as LedgerEvent;
  };
}

/** Names of all events that each contract can emit. */
export function eventNames(): Record<LedgerContractName, string[]> {
  const entries = Object.entries(ABIS).map(([contract, abi]) => [contract, [...shapesOf(abi).values()].map(({ name }) => name)]);
  return Object.fromEntries(entries) as Record<LedgerContractName, string[]>;
}

const ABIS: Readonly<Record<LedgerContractName, InterfaceAbi>> = {
  AccessManager: LedgerAccess__factory.abi,
  Participants: Participants__factory.abi,
  Registry: Registry__factory.abi,
  Units: Units__factory.abi,
  Retirements: Retirements__factory.abi,
  Intents: Intents__factory.abi,
};

/** Parameters that are enums on the chain, by event and path. */
const ENUMS: Readonly<Record<string, readonly string[]>> = {
  "ProjectStatusChanged.from": PROJECT_STATUSES,
  "ProjectStatusChanged.to": PROJECT_STATUSES,
  "BatchAuthorised.firstTransfer": FIRST_TRANSFERS,
  "Retired.order.purpose": PURPOSES,
  "Cancelled.order.reason": CANCELLATION_REASONS,
  "IntentExecuted.kind": INTENT_KINDS,
};

const ZERO_WORD = `0x${"00".repeat(32)}`;
const CODE_WORDS = new Set(["projectCode", "batchCode", "programme", "series"]);
/** In `Units` every token id is a batch; in `Retirements` a token is a certificate, and only `batchId` is a batch. */
const UNIT_IDS = new Set(["batchId", "id", "ids", "tokenId"]);

/** Integers up to this width are exact as JSON numbers. */
const NUMBER_BITS = 48;

/** `read` are the parameters as they are decoded: like `inputs`, with bytes for texts. */
interface EventShape {
  readonly name: string;
  readonly inputs: readonly ParamType[];
  readonly read: readonly ParamType[];
}

function shapesOf(abi: InterfaceAbi): Map<string, EventShape> {
  const shapes = new Map<string, EventShape>();
  new Interface(abi).forEachEvent((event) => {
    shapes.set(event.topicHash, { name: event.name, inputs: event.inputs, read: event.inputs.map(textAsBytes) });
  });
  return shapes;
}

/**
 * Texts are decoded as bytes (the encoding is the same) and turned into text here: a holder can put any bytes into a record, and neither
 * invalid UTF-8 nor a zero character, which no Postgres text can hold, may stop the projector.
 */
function textAsBytes(param: ParamType): ParamType {
  const json: unknown = JSON.parse(param.format("json"), (key, value: unknown) =>
    key === "type" && typeof value === "string" ? value.replace(/^string/, "bytes") : value,
  );
  return ParamType.from(json, true);
}

function decodeArgs(shape: EventShape, contract: LedgerContractName, log: RawLog): Record<string, Json> {
  const coder = AbiCoder.defaultAbiCoder();
  const topics = log.topics.slice(1);
  const plain = coder.decode(
    shape.read.filter((_, i) => !shape.inputs[i]?.indexed),
    log.data,
  );
  const data = [...plain];
  const args: Record<string, Json> = {};
  const values: unknown[] = [];
  shape.inputs.forEach((param, i) => {
    const value: unknown = param.indexed ? coder.decode([shape.read[i] ?? param], topics.shift() ?? "0x")[0] : data.shift();
    values.push(value);
    args[param.name] = toJson({ contract, param, path: `${shape.name}.${param.name}` }, value);
  });
  if (shape.name === "Retired" || shape.name === "Cancelled") args.recordHash = recordHash(shape, values);
  return args;
}

/** keccak-256 of the ABI encoding (id, account, participantId, time, order): the formula of `IRetirements`, which leaves out the batch. */
function recordHash(shape: EventShape, values: readonly unknown[]): string {
  const kept = <T>(list: readonly T[]): T[] => list.filter((_, i) => shape.inputs[i]?.name !== "batchId");
  return keccak256(AbiCoder.defaultAbiCoder().encode(kept(shape.read), kept(values)));
}

interface Slot {
  readonly contract: LedgerContractName;
  readonly param: ParamType;
  readonly path: string;
}

function toJson(slot: Slot, value: unknown): Json {
  const { param, path } = slot;
  if (param.isArray()) {
    const child: Slot = { ...slot, param: namedLike(param, param.arrayChildren) };
    return (value as Result).toArray().map((item) => toJson(child, item));
  }
  if (param.isTuple()) {
    const items = (value as Result).toArray();
    return Object.fromEntries(
      param.components.map((part, i) => [part.name, toJson({ ...slot, param: part, path: `${path}.${part.name}` }, items[i])]),
    );
  }
  if (typeof value === "bigint") return integerToJson(slot, value);
  if (typeof value === "boolean") return value;
  return bytesToJson(param, String(value));
}

/** The items of a list go by the name of the list. */
function namedLike(list: ParamType, child: ParamType): ParamType {
  return child.isTuple() || child.isArray() ? child : ParamType.from({ type: child.type, name: list.name });
}

function integerToJson({ contract, param, path }: Slot, value: bigint): Json {
  const names = ENUMS[path];
  if (names !== undefined) return names[Number(value)] ?? value.toString();
  if (param.type === "uint256" && (param.name === "batchId" || (contract === "Units" && UNIT_IDS.has(param.name)))) {
    return orWord(() => codeOfBatchId(value), `0x${value.toString(16).padStart(64, "0")}`);
  }
  const bits = Number(/\d+$/.exec(param.type)?.[0] ?? 256);
  return bits <= NUMBER_BITS ? Number(value) : value.toString();
}

function bytesToJson(param: ParamType, value: string): Json {
  if (param.type === "address") return getAddress(value);
  if (param.type === "string") return textOf(value);
  if (param.type === "bytes2") return orWord(() => decodeCountry(value), value);
  if (param.type === "bytes32" && CODE_WORDS.has(param.name)) {
    return value === ZERO_WORD ? null : orWord(() => decodeCode(value), value);
  }
  return hexlify(value);
}

/** What is no code (an officer may freeze a token id that names no batch) is kept as its word, not lost. */
function orWord(read: () => string | null, word: string): string | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof CodeError) return word;
    throw error;
  }
}

function textOf(hex: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(getBytes(hex)).replaceAll("\u0000", "\ufffd");
}
