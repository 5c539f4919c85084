import { Interface, type InterfaceAbi, type ParamType } from "ethers";

import { Intents__factory } from "../../types/ethers-contracts/factories/Intents__factory.js";
import { Exchange__factory } from "../../types/ethers-contracts/factories/Exchange__factory.js";
import { LedgerAccess__factory } from "../../types/ethers-contracts/factories/LedgerAccess__factory.js";
import { Participants__factory } from "../../types/ethers-contracts/factories/Participants__factory.js";
import { Registry__factory } from "../../types/ethers-contracts/factories/Registry__factory.js";
import { Retirements__factory } from "../../types/ethers-contracts/factories/Retirements__factory.js";
import { SettlementCash__factory } from "../../types/ethers-contracts/factories/SettlementCash__factory.js";
import { Units__factory } from "../../types/ethers-contracts/factories/Units__factory.js";
import { remembering } from "../memo.js";
import { abiReader, placeAt, WORD, wordAt, type AbiReader, type Leaf } from "./abi-reader.js";
import { checksummed } from "./checksum.js";
import { CodeError, decodeCode, decodeCountry } from "./codes.js";
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
import { keccak256Of } from "./keccak.js";
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
    shapes.set(addresses[contract].toLowerCase(), { contract, byTopic: shapesOf(contract, abi) });
  }
  return (log) => {
    const known = shapes.get(log.address.toLowerCase());
    if (known === undefined) return null;
    const shape = known.byTopic.get(log.topics[0] ?? "");
    if (shape === undefined) throw new UnknownLogError(known.contract, log);
    const { contract } = known;
    const place = { contract, blockNumber: log.blockNumber, logIndex: log.logIndex, txHash: log.txHash };
    // The table `EventArgs` is the static twin of what `readArgs` yields; a test holds their names equal.
    return { ...place, name: shape.name, args: readArgs(shape, log) } as unknown as LedgerEvent;
  };
}

/** Names of all events that each contract can emit. */
export function eventNames(): Record<LedgerContractName, string[]> {
  const entries = Object.entries(ABIS).map(([contract, abi]) => [
    contract,
    [...shapesOf(contract as LedgerContractName, abi).values()].map(({ name }) => name),
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

const NOTHING = "0".repeat(WORD);
/** An address is the last 20 bytes of its word. */
const ADDRESS_FROM = WORD - 40;
/** The same few batches come again and again. */
const CODES_KEPT = 20_000;
const CODE_WORDS = new Set(["projectCode", "batchCode", "programme", "series"]);
/** In `Units` every token id is a batch; in `Retirements` a token is a certificate, and only `batchId` is a batch. */
const UNIT_IDS = new Set(["batchId", "id", "ids", "tokenId"]);

/** Integers up to this width are exact as JSON numbers. */
const NUMBER_BITS = 48;

interface EventParam {
  readonly name: string;
  readonly isIndexed: boolean;
  readonly reader: AbiReader<Json>;
}

interface EventShape {
  readonly name: string;
  readonly params: readonly EventParam[];
}

function shapesOf(contract: LedgerContractName, abi: InterfaceAbi): Map<string, EventShape> {
  const shapes = new Map<string, EventShape>();
  new Interface(abi).forEachEvent(({ topicHash, name, inputs }) => {
    const params = inputs.map((param) => ({
      name: param.name,
      isIndexed: param.indexed === true,
      reader: abiReader(param, `${name}.${param.name}`, (part, path) => leafOf(contract, part, path)),
    }));
    shapes.set(topicHash, { name, params });
  });
  return shapes;
}

function readArgs({ name, params }: EventShape, { topics, data }: RawLog): Record<string, Json> {
  const digits = data.slice(2);
  const args: Record<string, Json> = {};
  let topic = 1;
  let place = 0;
  for (const param of params) {
    const { reader } = param;
    if (param.isIndexed) args[param.name] = reader.read((topics[topic++] ?? "0x").slice(2), 0, 0);
    else {
      args[param.name] = reader.read(digits, 0, place);
      place += reader.length;
    }
  }
  if (name === "Retired" || name === "Cancelled") args["recordHash"] = recordHash(params, topics, digits);
  return args;
}

/**
 * keccak-256 of the ABI encoding (id, account, participantId, time, order): the formula of `IRetirements`, which leaves out the batch. The
 * log has all of it: the words as they are, and the order, the only value that is longer than a word, from its place to the end.
 */
function recordHash(params: readonly EventParam[], topics: readonly string[], data: string): string {
  const kept = params.filter(({ name }) => name !== "batchId").length;
  const orderPlace = ((kept * WORD) / 2).toString(16).padStart(WORD, "0");
  let encoding = "";
  let order = "";
  let topic = 1;
  let place = 0;
  for (const { name, isIndexed, reader } of params) {
    const word = isIndexed ? (topics[topic++] ?? "0x").slice(2) : wordAt(data, place);
    if (reader.isDynamic) order = data.slice(placeAt(data, place));
    if (name !== "batchId") encoding += reader.isDynamic ? orderPlace : word;
    if (!isIndexed) place += reader.length;
  }
  return `0x${Buffer.from(keccak256Of(Buffer.from(encoding + order, "hex"))).toString("hex")}`;
}

/** What becomes of a value, by its type and its place in an event. The items of a list go by the name of the list. */
function leafOf(contract: LedgerContractName, { type }: ParamType, path: string): Leaf<Json> {
  const name = path.slice(path.lastIndexOf(".") + 1);
  if (type === "address") return (word) => checksummed(`0x${word.slice(ADDRESS_FROM)}`);
  if (type === "bool") return (word) => word !== NOTHING;
  if (type === "string") return textOf;
  if (type === "bytes") return (digits) => `0x${digits}`;
  if (type.startsWith("uint")) return integerLeaf(contract, type, name, path);
  if (type === "bytes2") return (word) => orWord(decodeCountry, `0x${word.slice(0, 4)}`);
  if (type === "bytes32" && CODE_WORDS.has(name)) return (word) => (word === NOTHING ? null : codeOrWord(`0x${word}`));
  const bytes = /^bytes(\d+)$/.exec(type);
  if (bytes === null) throw new RangeError(`There is no reader for ${type}`);
  return (word) => `0x${word.slice(0, 2 * Number(bytes[1]))}`;
}

function integerLeaf(contract: LedgerContractName, type: string, name: string, path: string): Leaf<Json> {
  const names = ENUMS[path];
  if (names !== undefined) return (word) => names[Number(`0x${word}`)] ?? BigInt(`0x${word}`).toString();
  if (type === "uint256" && (name === "batchId" || (contract === "Units" && UNIT_IDS.has(name)))) {
    // The exchange says cash by a batch without a number.
    return (word) => (contract === "Exchange" && word === NOTHING ? null : codeOrWord(`0x${word}`));
  }
  const isNumber = Number(type.slice("uint".length)) <= NUMBER_BITS;
  return (word) => (isNumber ? Number(`0x${word}`) : BigInt(`0x${word}`).toString());
}

/** What is no code (an officer may freeze a token id that names no batch) is kept as its word, not lost. */
const codeOrWord = remembering(CODES_KEPT, (word) => orWord(decodeCode, word) ?? word);

function orWord(read: (word: string) => string | null, word: string): string | null {
  try {
    return read(word);
  } catch (error) {
    if (error instanceof CodeError) return word;
    throw error;
  }
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * A holder can put any bytes into a record, and neither invalid UTF-8 nor a zero character, which no Postgres text can hold, may stop the
 * projector.
 */
function textOf(digits: string): string {
  return utf8.decode(Buffer.from(digits, "hex")).replaceAll("\u0000", "\ufffd");
}
