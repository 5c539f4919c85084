import { AbiCoder, Interface, ParamType, getBytes, keccak256, type InterfaceAbi } from "ethers";

import { Intents__factory } from "../../types/ethers-contracts/factories/Intents__factory.js";
import { Exchange__factory } from "../../types/ethers-contracts/factories/Exchange__factory.js";
import { LedgerAccess__factory } from "../../types/ethers-contracts/factories/LedgerAccess__factory.js";
import { Participants__factory } from "../../types/ethers-contracts/factories/Participants__factory.js";
import { Registry__factory } from "../../types/ethers-contracts/factories/Registry__factory.js";
import { Retirements__factory } from "../../types/ethers-contracts/factories/Retirements__factory.js";
import { SettlementCash__factory } from "../../types/ethers-contracts/factories/SettlementCash__factory.js";
import { Units__factory } from "../../types/ethers-contracts/factories/Units__factory.js";
import { checksummed } from "./checksum.js";
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
import { INSTRUMENT_KINDS, REFUSALS } from "./exchange-event-types.js";
import type { RawLog } from "./source.js";

/** Addresses of the ledger's contracts. */
export type LedgerAddresses = Readonly<Record<LedgerContractName, string>>;

/** Turns a log into an event; `null` when it comes from a contract that is not the ledger's. */
export type EventDecoder = (log: RawLog) => LedgerEvent | null;

/** One of the ledger's own contracts emitted what this program cannot read: it is older than the contracts. A person must act. */
export class UnknownLogError extends Error {
  constructor(contract: LedgerContractName, log: RawLog) {
    super(
      `Unreadable log of ${contract} at block ${log.blockNumber}, index ${log.logIndex}: topic ${log.topics[0] ?? "none"}`,
    );
    this.name = "UnknownLogError";
  }
}

/** Makes the decoder for one deployment. */
export function createEventDecoder(addresses: LedgerAddresses): EventDecoder {
  const shapes = new Map<string, { contract: LedgerContractName; byTopic: ReadonlyMap<string, EventShape> }>();
  for (const [contract, abi] of Object.entries(ABIS) as [LedgerContractName, InterfaceAbi][]) {
    shapes.set(addresses[contract].toLowerCase(), { contract, byTopic: shapesOf(abi) });
  }
  return (log) => {
    const known = shapes.get(log.address.toLowerCase());
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
  const entries = Object.entries(ABIS).map(([contract, abi]) => [
    contract,
    [...shapesOf(abi).values()].map(({ name }) => name),
  ]);
  return Object.fromEntries(entries) as Record<LedgerContractName, string[]>;
}

const ABIS: Readonly<Record<LedgerContractName, InterfaceAbi>> = {
  AccessManager: LedgerAccess__factory.abi,
  Participants: Participants__factory.abi,
  Registry: Registry__factory.abi,
  Units: Units__factory.abi,
  Retirements: Retirements__factory.abi,
  Intents: Intents__factory.abi,
  SettlementCash: SettlementCash__factory.abi,
  Exchange: Exchange__factory.abi,
};

/** Parameters that are enums on the chain, by event and path. */
const ENUMS: Readonly<Record<string, readonly string[]>> = {
  "ProjectStatusChanged.from": PROJECT_STATUSES,
  "ProjectStatusChanged.to": PROJECT_STATUSES,
  "BatchAuthorised.firstTransfer": FIRST_TRANSFERS,
  "Retired.order.purpose": PURPOSES,
  "Cancelled.order.reason": CANCELLATION_REASONS,
  "IntentExecuted.kind": INTENT_KINDS,
  "InstrumentListed.kind": INSTRUMENT_KINDS,
  "TradeFailed.refusal": REFUSALS,
};

const ZERO_WORD = `0x${"00".repeat(32)}`;
const CODE_WORDS = new Set(["projectCode", "batchCode", "programme", "series"]);
/** In `Units` every token id is a batch; in `Retirements` a token is a certificate, and only `batchId` is a batch. */
const UNIT_IDS = new Set(["batchId", "id", "ids", "tokenId"]);

/** Integers up to this width are exact as JSON numbers. */
const NUMBER_BITS = 48;

interface EventShape {
  readonly name: string;
  readonly inputs: readonly ParamType[];
  /** The parameters as they are decoded: see `rawType`. */
  readonly raw: readonly ParamType[];
  /** Those of `raw` that are in the data rather than in the topics. */
  readonly rawData: readonly ParamType[];
}

function shapesOf(abi: InterfaceAbi): Map<string, EventShape> {
  const shapes = new Map<string, EventShape>();
  new Interface(abi).forEachEvent(({ topicHash, name, inputs }) => {
    const raw = inputs.map(rawType);
    shapes.set(topicHash, { name, inputs, raw, rawData: raw.filter((_, i) => !inputs[i]?.indexed) });
  });
  return shapes;
}

/**
 * The same encoding, read in a simpler form. Texts as bytes: a holder can put any bytes into a record, and neither invalid UTF-8 nor a
 * zero character, which no Postgres text can hold, may stop the projector. Addresses as numbers: the decoder would hash each for its
 * checksum, which costs more than all the rest.
 */
function rawType(param: ParamType): ParamType {
  const json: unknown = JSON.parse(param.format("json"), (key, value: unknown) =>
    key === "type" && typeof value === "string"
      ? value.replace(/^string/, "bytes").replace(/^address/, "uint160")
      : value,
  );
  return ParamType.from(json, true);
}

function decodeArgs(shape: EventShape, contract: LedgerContractName, log: RawLog): Record<string, Json> {
  const data = readData(shape.rawData, log.data);
  const topics = log.topics.slice(1);
  const args: Record<string, Json> = {};
  const values: unknown[] = [];
  for (const param of shape.inputs) {
    const { name } = param;
    const value = param.indexed ? readWord(param.type, topics.shift() ?? "0x") : data.shift();
    values.push(value);
    args[name] = toJson({ contract, param, name, path: `${shape.name}.${name}` }, value);
  }
  if (shape.name === "Retired" || shape.name === "Cancelled") args.recordHash = recordHash(shape, values);
  return args;
}

/** Plain words, and one list of blocks, are read directly: they are nearly all there is, and the general decoder takes ten times as long. */
function readData(params: readonly ParamType[], data: string): unknown[] {
  const [first, ...others] = params;
  if (params.every(isWord)) return readWords(params, data, 0);
  if (others.length === 0 && first?.isArray() && first.arrayChildren.components?.every(isWord)) {
    const parts = first.arrayChildren.components;
    const length = Number(wordAt(data, 1));
    return [Array.from({ length }, (_, i) => readWords(parts, data, 2 + i * parts.length))];
  }
  return AbiCoder.defaultAbiCoder().decode(params, data).toArray(true);
}

function isWord({ type }: ParamType): boolean {
  return /^(bool|uint\d+|bytes\d+)$/.test(type);
}

function readWords(params: readonly ParamType[], data: string, from: number): unknown[] {
  return params.map(({ type }, i) => readWord(type, wordAt(data, from + i)));
}

function wordAt(data: string, index: number): string {
  return `0x${data.slice(2 + index * 64, 66 + index * 64)}`;
}

/** Indexed parameters are all of one word, too. */
function readWord(type: string, word: string): unknown {
  if (type === "bool") return BigInt(word) !== 0n;
  const bytes = /^bytes(\d+)$/.exec(type);
  return bytes === null ? BigInt(word) : word.slice(0, 2 + 2 * Number(bytes[1]));
}

/** keccak-256 of the ABI encoding (id, account, participantId, time, order): the formula of `IRetirements`, which leaves out the batch. */
function recordHash(shape: EventShape, values: readonly unknown[]): string {
  const kept = <T>(list: readonly T[]): T[] => list.filter((_, i) => shape.inputs[i]?.name !== "batchId");
  return keccak256(AbiCoder.defaultAbiCoder().encode(kept(shape.raw), kept(values)));
}

/** A value's place in an event. The items of a list go by the name of the list. */
interface Slot {
  readonly contract: LedgerContractName;
  readonly param: ParamType;
  readonly name: string;
  readonly path: string;
}

function toJson(slot: Slot, value: unknown): Json {
  const { param, path } = slot;
  if (param.isArray()) {
    const item: Slot = { ...slot, param: param.arrayChildren };
    return (value as readonly unknown[]).map((member) => toJson(item, member));
  }
  if (param.isTuple()) {
    const members = value as readonly unknown[];
    const object: Record<string, Json> = {};
    param.components.forEach((part, i) => {
      object[part.name] = toJson({ ...slot, param: part, name: part.name, path: `${path}.${part.name}` }, members[i]);
    });
    return object;
  }
  if (typeof value === "boolean") return value;
  return typeof value === "bigint" ? integerToJson(slot, value) : bytesToJson(slot, String(value));
}

function integerToJson({ contract, param, name, path }: Slot, value: bigint): Json {
  if (param.type === "address") return checksummed(`0x${value.toString(16).padStart(40, "0")}`);
  const names = ENUMS[path];
  if (names !== undefined) return names[Number(value)] ?? value.toString();
  // The exchange says cash by a batch without a number.
  if (contract === "Exchange" && name === "batchId" && value === 0n) return null;
  if (param.type === "uint256" && (name === "batchId" || (contract === "Units" && UNIT_IDS.has(name)))) {
    return orWord(() => codeOfBatchId(value), `0x${value.toString(16).padStart(64, "0")}`);
  }
  const bits = Number(param.type.replace(/^u?int/, ""));
  return bits <= NUMBER_BITS ? Number(value) : value.toString();
}

function bytesToJson({ param, name }: Slot, value: string): Json {
  if (param.type === "string") return textOf(value);
  if (param.type === "bytes2") return orWord(() => decodeCountry(value), value);
  if (param.type === "bytes32" && CODE_WORDS.has(name)) {
    return value === ZERO_WORD ? null : orWord(() => decodeCode(value), value);
  }
  return value;
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
