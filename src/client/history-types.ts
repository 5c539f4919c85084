import type { Address, Block, DateTime, Day, Decimal, Hash, OnChain, Quantity } from "./types.js";
import type { Cancellation, CancellationReason, Purpose, Retirement } from "./unit-types.js";

/** What happened. Records of all subjects carry what project and firm are called now. */

export type HistorySubject = "retirements" | "cancellations" | "issuances" | "transfers" | "trades";

interface RecordOfBatch {
  readonly batch: string;
  readonly projectCode: string;
  readonly projectName: string | null;
  readonly vintage: number;
  readonly tonnes: Decimal;
  readonly blockNumber: number;
  readonly txHash: Hash;
  readonly links: { readonly self: string | null; readonly transaction: string };
}

export interface RetirementRecord extends RecordOfBatch, Omit<Retirement, keyof OnChain | "certificate"> {
  readonly logIndex: number;
}

export interface CancellationRecord extends RecordOfBatch, Omit<Cancellation, keyof OnChain> {
  readonly logIndex: number;
}

export interface IssuanceRecord extends RecordOfBatch {
  readonly id: Hash;
  readonly statementId: Hash;
  readonly recipient: Address;
  readonly participantId: number | null;
  readonly recipientEntity: string | null;
  readonly foreignProgramme: string | null;
  readonly foreignSeries: string | null;
  readonly foreignStart: Decimal | null;
  readonly foreignEnd: Decimal | null;
  readonly documentHash: Hash;
  readonly proposer: Address;
  readonly approver: Address | null;
  readonly issuedAt: DateTime;
}

export interface TransferRecord extends RecordOfBatch {
  readonly id: string;
  readonly serialBlocks: readonly Block[];
  readonly from: Address;
  readonly fromParticipantId: number | null;
  readonly fromEntity: string | null;
  readonly to: Address;
  readonly toParticipantId: number | null;
  readonly toEntity: string | null;
  readonly kind: "transfer" | "forced" | "recovery";
  readonly intentHash: Hash | null;
  readonly timestamp: DateTime;
  readonly logIndex: number;
}

/** Prices and values in minor units. What belongs to the other side is null for whoever may not see it. */
export interface TradeRecord extends RecordOfBatch {
  readonly id: string;
  readonly buyer: Address | null;
  readonly buyerParticipantId: number | null;
  readonly buyerEntity: string | null;
  readonly seller: Address | null;
  readonly sellerParticipantId: number | null;
  readonly sellerEntity: string | null;
  readonly price: Decimal;
  readonly value: Decimal;
  readonly buyerFee: Decimal | null;
  readonly sellerFee: Decimal | null;
  readonly takerHash: Hash | null;
  readonly makerHash: Hash | null;
  readonly timestamp: DateTime;
  readonly logIndex: number;
}

export interface HistoryRecords {
  readonly retirements: RetirementRecord;
  readonly cancellations: CancellationRecord;
  readonly issuances: IssuanceRecord;
  readonly transfers: TransferRecord;
  readonly trades: TradeRecord;
}

/** What all subjects can be searched by. Words are found without regard to case and diacritics. */
interface BatchFilter {
  /** Words of the code or the name. */
  readonly project?: string;
  readonly programme?: string;
  readonly methodology?: string;
  readonly sector?: string;
  readonly vintage?: number;
  readonly batch?: string;
  /** First and last day, UTC. */
  readonly from?: Day;
  readonly to?: Day;
  readonly minTonnes?: Quantity;
  readonly maxTonnes?: Quantity;
  /** Nothing that came after this block. */
  readonly upToBlock?: number;
  /** Number, tax code or words of the name. */
  readonly firm?: string;
  /** On either side, where there are two. */
  readonly account?: Address;
}

interface SerialFilter {
  /** `BATCH:NUMBER`: what happened to this tonne. */
  readonly serial?: string;
}

interface CounterpartyFilter {
  readonly counterparty?: Address;
}

export interface HistoryFilters {
  readonly retirements: BatchFilter &
    SerialFilter & {
      /** Words, anywhere in the record. */
      readonly q?: string;
      readonly beneficiary?: string;
      readonly beneficiaryId?: string;
      readonly purpose?: Purpose;
      /** Of consumption, ISO 3166-1 alpha-2. */
      readonly country?: string;
      readonly periodFrom?: Day;
      readonly periodTo?: Day;
    };
  readonly cancellations: BatchFilter & SerialFilter & { readonly q?: string; readonly reason?: CancellationReason };
  readonly issuances: BatchFilter & SerialFilter;
  readonly transfers: BatchFilter & SerialFilter & CounterpartyFilter & { readonly kind?: TransferRecord["kind"] };
  readonly trades: BatchFilter & CounterpartyFilter;
}

interface Sorts {
  readonly retirements: "newest" | "oldest" | "tonnes" | "-tonnes";
  readonly other: "newest" | "oldest";
}

export type HistorySort<S extends HistorySubject> = Sorts[S extends "retirements" ? S : "other"];

type ByProject = "none" | "month" | "project" | "vintage" | "programme" | "methodology" | "sector";

interface Groupings {
  readonly retirements: ByProject | "batch" | "firm" | "purpose";
  readonly cancellations: ByProject | "batch" | "firm" | "reason";
  readonly issuances: ByProject;
  readonly transfers: Exclude<ByProject, "vintage"> | "batch" | "kind";
  readonly trades: Exclude<ByProject, "vintage"> | "batch" | "buyer" | "seller";
}

export type HistoryGrouping<S extends HistorySubject> = Groupings[S];

interface Sums {
  readonly records: Decimal;
  readonly tonnes: Decimal;
  /** Of trades: tonnes times price, in minor units; null for the others. */
  readonly value: Decimal | null;
}

export interface HistoryTotals {
  readonly subject: HistorySubject;
  readonly groupBy: string;
  readonly totals: Sums;
  /** The key of a month is `2024-01`; `name` is that of a project or a firm. */
  readonly items: readonly (Sums & { readonly key: string; readonly name: string | null })[];
}
