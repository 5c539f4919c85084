import type { Column } from "../exports/ports.js";
import type { HistoryRow, HistorySubject, TradeRow } from "../ledger/read/history-types.js";
import type { Directory } from "./names.js";

/** What of the directory a row shows. */
export type Names = Pick<Directory, "project" | "firmName">;

/** A trade, as a reader sees it who may be of one side only: null is what belongs to the other. */
export type SeenTrade = Omit<TradeRow, keyof TradeSides> & {
  readonly [Name in keyof TradeSides]: TradeSides[Name] | null;
};
type TradeSides = Pick<TradeRow, "buyer" | "seller" | "buyerFee" | "sellerFee" | "takerHash" | "makerHash">;

/** A record as its reader sees it. */
export type SeenRow<S extends HistorySubject> = S extends "trades" ? SeenTrade : HistoryRow<S>;

type Columns<S extends HistorySubject> = readonly Column<SeenRow<S>>[];

interface OfBatch {
  readonly batch: string;
  readonly project: string;
  readonly vintage: number;
  readonly tonnes: bigint;
}

interface Placed {
  readonly txHash: string;
  readonly blockNumber: bigint;
  readonly logIndex: number;
}

/**
 * The columns of a subject: one list, of which its answers, its schema and its files are made.
 * @param names Of projects and firms, as they are now.
 */
export function columnsOf<S extends HistorySubject>(subject: S, names: Names): Columns<S> {
  return COLUMNS[subject](names);
}

const COLUMNS: { readonly [S in HistorySubject]: (names: Names) => Columns<S> } = {
  retirements: (names) => [
    { name: "id", kind: "integer", of: ({ id }) => id },
    ...batchColumns(names),
    { name: "serialBlocks", kind: "blocks", of: ({ blocks }) => blocks },
    { name: "account", kind: "text", of: ({ account }) => account },
    { name: "participantId", kind: "number", of: ({ participantId }) => BigInt(participantId) },
    { ...ENTITY, name: "retiringEntity", of: ({ participantId }) => names.firmName(participantId) },
    { name: "beneficiary", kind: "text", of: ({ beneficiary }) => beneficiary },
    { name: "beneficiaryId", kind: "text", of: ({ beneficiaryId }) => beneficiaryId },
    nullable("beneficiaryCommitment", ({ beneficiaryCommitment }) => beneficiaryCommitment),
    { name: "purpose", kind: "text", of: ({ purpose }) => purpose },
    { name: "reason", kind: "text", of: ({ reason }) => reason },
    { name: "details", kind: "text", of: ({ details }) => details },
    nullable("consumptionCountry", ({ consumptionCountry }) => consumptionCountry),
    nullable("consumptionPeriodStart", ({ consumptionPeriodStart }) => consumptionPeriodStart),
    nullable("consumptionPeriodEnd", ({ consumptionPeriodEnd }) => consumptionPeriodEnd),
    { name: "retiredAt", kind: "time", of: ({ retiredAt }) => retiredAt },
    { name: "recordHash", kind: "text", of: ({ recordHash }) => recordHash },
    nullable("intentHash", ({ intentHash }) => intentHash),
    ...placeColumns,
  ],

  cancellations: (names) => [
    { name: "id", kind: "integer", of: ({ id }) => id },
    ...batchColumns(names),
    { name: "serialBlocks", kind: "blocks", of: ({ blocks }) => blocks },
    { name: "account", kind: "text", of: ({ account }) => account },
    { name: "participantId", kind: "number", of: ({ participantId }) => BigInt(participantId) },
    { ...ENTITY, name: "cancellingEntity", of: ({ participantId }) => names.firmName(participantId) },
    { name: "reason", kind: "text", of: ({ reason }) => reason },
    { name: "details", kind: "text", of: ({ details }) => details },
    { name: "cancelledAt", kind: "time", of: ({ cancelledAt }) => cancelledAt },
    { name: "recordHash", kind: "text", of: ({ recordHash }) => recordHash },
    nullable("intentHash", ({ intentHash }) => intentHash),
    ...placeColumns,
  ],

  issuances: (names) => [
    { name: "id", kind: "text", of: ({ id }) => id },
    ...batchColumns(names),
    { name: "statementId", kind: "text", of: ({ statementId }) => statementId },
    { name: "recipient", kind: "text", of: ({ recipient }) => recipient },
    nullableNumber("participantId", ({ participantId }) => participantId),
    { ...ENTITY, name: "recipientEntity", of: ({ participantId }) => names.firmName(participantId) },
    nullable("foreignProgramme", ({ foreignBlock }) => foreignBlock?.programme ?? null),
    nullable("foreignSeries", ({ foreignBlock }) => foreignBlock?.series ?? null),
    { ...OPTIONAL_INTEGER, name: "foreignStart", of: ({ foreignBlock }) => foreignBlock?.start ?? null },
    { ...OPTIONAL_INTEGER, name: "foreignEnd", of: ({ foreignBlock }) => foreignBlock?.end ?? null },
    { name: "documentHash", kind: "text", of: ({ documentHash }) => documentHash },
    { name: "proposer", kind: "text", of: ({ proposer }) => proposer },
    nullable("approver", ({ approver }) => approver),
    { name: "issuedAt", kind: "time", of: ({ decidedAt }) => decidedAt },
    {
      name: "blockNumber",
      kind: "number",
      of: ({ decidedBlock, blockNumber }) => decidedBlock ?? blockNumber,
    },
    { name: "txHash", kind: "text", of: ({ decidedTxHash, txHash }) => decidedTxHash ?? txHash },
  ],

  transfers: (names) => [
    { name: "id", kind: "text", of: ({ id }) => id },
    ...batchColumns(names),
    { name: "serialBlocks", kind: "blocks", of: ({ blocks }) => blocks },
    { name: "from", kind: "text", of: ({ from }) => from },
    nullableNumber("fromParticipantId", ({ fromParticipantId }) => fromParticipantId),
    { ...ENTITY, name: "fromEntity", of: ({ fromParticipantId }) => names.firmName(fromParticipantId) },
    { name: "to", kind: "text", of: ({ to }) => to },
    nullableNumber("toParticipantId", ({ toParticipantId }) => toParticipantId),
    { ...ENTITY, name: "toEntity", of: ({ toParticipantId }) => names.firmName(toParticipantId) },
    { name: "kind", kind: "text", of: ({ kind }) => kind },
    nullable("intentHash", ({ intentHash }) => intentHash),
    { name: "timestamp", kind: "time", of: ({ timestamp }) => timestamp },
    ...placeColumns,
  ],

  trades: (names) => [
    { name: "id", kind: "text", of: ({ id }) => id },
    ...batchColumns(names),
    nullable("buyer", ({ buyer }) => buyer),
    nullableNumber("buyerParticipantId", ({ buyerParticipantId }) => buyerParticipantId),
    { ...ENTITY, name: "buyerEntity", of: ({ buyerParticipantId }) => names.firmName(buyerParticipantId) },
    nullable("seller", ({ seller }) => seller),
    nullableNumber("sellerParticipantId", ({ sellerParticipantId }) => sellerParticipantId),
    { ...ENTITY, name: "sellerEntity", of: ({ sellerParticipantId }) => names.firmName(sellerParticipantId) },
    { name: "price", kind: "money", description: "Of one tonne, in minor units.", of: ({ price }) => price },
    { name: "value", kind: "money", description: "Tonnes times price.", of: ({ value }) => value },
    { name: "buyerFee", kind: "money", isNullable: true, of: ({ buyerFee }) => buyerFee },
    { name: "sellerFee", kind: "money", isNullable: true, of: ({ sellerFee }) => sellerFee },
    nullable("takerHash", ({ takerHash }) => takerHash),
    nullable("makerHash", ({ makerHash }) => makerHash),
    { name: "timestamp", kind: "time", of: ({ timestamp }) => timestamp },
    ...placeColumns,
  ],
};

const ENTITY = {
  kind: "text",
  isNullable: true,
  description: "Name of the firm; null when its public record is not known here.",
} as const;
const OPTIONAL_INTEGER = { kind: "integer", isNullable: true } as const;

function batchColumns<Row extends OfBatch>(names: Names): Column<Row>[] {
  return [
    { name: "batch", kind: "text", of: ({ batch }) => batch },
    { name: "projectCode", kind: "text", of: ({ project }) => project },
    nullable("projectName", ({ project }) => names.project(project).name),
    { name: "vintage", kind: "number", of: ({ vintage }) => BigInt(vintage) },
    { name: "tonnes", kind: "integer", of: ({ tonnes }) => tonnes },
  ];
}

const placeColumns: readonly Column<Placed>[] = [
  { name: "blockNumber", kind: "number", of: ({ blockNumber }) => blockNumber },
  { name: "logIndex", kind: "number", of: ({ logIndex }) => BigInt(logIndex) },
  { name: "txHash", kind: "text", of: ({ txHash }) => txHash },
];

function nullable<Row>(name: string, of: (row: Row) => string | null): Column<Row> {
  return { name, kind: "text", isNullable: true, of };
}

function nullableNumber<Row>(name: string, of: (row: Row) => number | null): Column<Row> {
  return {
    name,
    kind: "number",
    isNullable: true,
    of(row) {
      const value = of(row);
      return value === null ? null : BigInt(value);
    },
  };
}
