import type { CancellationReason, Purpose } from "../../chain/event-types.js";
import type { TransferKind } from "../../db/read-model-tables.js";
import type { IssuanceView } from "./registry.js";
import type { CancellationView, RetirementView } from "./retirements.js";
import type { TransferView } from "./units.js";

/** What has a history: records that are only ever added. Of the issuances, those that were approved. */
export type HistorySubject = "retirements" | "cancellations" | "issuances" | "transfers" | "trades";

/** Which records: those that fit everything that is given. A filter that a subject has no fact for finds nothing. */
export interface HistoryFilter {
  readonly projects?: readonly string[] | undefined;
  readonly batch?: string | undefined;
  readonly vintage?: number | undefined;
  /** Retired or cancelled by, issued to, given or taken by (transfers), bought or sold by (trades) an account of this firm. */
  readonly participantId?: number | undefined;
  /** Likewise, by one of these. */
  readonly participantIds?: readonly number[] | undefined;
  /** On either side, where there are two. */
  readonly account?: string | undefined;
  /** The other side of a transfer or a trade; with no `account`, either side. */
  readonly counterparty?: string | undefined;
  /** Words (`wordsOf`) that the record has, all of them, anywhere; the last one may be the beginning of a word. */
  readonly words?: readonly string[] | undefined;
  /** Likewise, in the name of the beneficiary. */
  readonly beneficiaryWords?: readonly string[] | undefined;
  readonly beneficiaryId?: string | undefined;
  readonly purpose?: Purpose | undefined;
  readonly reason?: CancellationReason | undefined;
  readonly kind?: TransferKind | undefined;
  readonly country?: string | undefined;
  /** Days since 1970-01-01: the consumption period has a day in common with these. */
  readonly periodFrom?: number | undefined;
  readonly periodTo?: number | undefined;
  readonly minTonnes?: bigint | undefined;
  readonly maxTonnes?: bigint | undefined;
  /** Unix seconds of the block, inclusive. */
  readonly fromTime?: bigint | undefined;
  readonly toTime?: bigint | undefined;
  /** Nothing that came after this block. */
  readonly upToBlock?: bigint | undefined;
  /** What happened to this serial. Not for trades: inside the exchange the serials of a batch are not told apart. */
  readonly serial?: { readonly batch: string; readonly number: bigint } | undefined;
}

/** `tonnes`, the least first, and `-tonnes`, the most first: of retirements only. */
export type HistorySort = "newest" | "oldest" | "tonnes" | "-tonnes";

/** Times are Unix seconds. */
export interface IssuanceRow extends IssuanceView {
  /** Of the firm that the units went to. */
  readonly participantId: number | null;
  readonly decidedAt: bigint;
}

export interface TransferRow extends TransferView {
  readonly project: string;
  readonly vintage: number;
  readonly fromParticipantId: number | null;
  readonly toParticipantId: number | null;
}

/** Money is in minor units of the settlement currency; `price` is for one tonne. */
export interface TradeRow {
  /** `<block>-<log index>` */
  readonly id: string;
  readonly batch: string;
  readonly project: string;
  readonly vintage: number;
  readonly buyer: string;
  readonly seller: string;
  readonly buyerParticipantId: number | null;
  readonly sellerParticipantId: number | null;
  readonly tonnes: bigint;
  readonly price: bigint;
  /** Tonnes times price. */
  readonly value: bigint;
  readonly buyerFee: bigint;
  readonly sellerFee: bigint;
  readonly takerHash: string;
  readonly makerHash: string;
  readonly timestamp: bigint;
  readonly txHash: string;
  readonly blockNumber: bigint;
  readonly logIndex: number;
}

interface HistoryRows {
  readonly retirements: RetirementView;
  readonly cancellations: CancellationView;
  readonly issuances: IssuanceRow;
  readonly transfers: TransferRow;
  readonly trades: TradeRow;
}

export type HistoryRow<S extends HistorySubject> = HistoryRows[S];

/** `firm` is a participant's number; `buyer` and `seller` are accounts. */
export type GroupBy =
  "none" | "month" | "project" | "batch" | "firm" | "vintage" | "purpose" | "reason" | "kind" | "buyer" | "seller";

/** What each subject can be grouped by. */
export const GROUPS: Readonly<Record<HistorySubject, readonly GroupBy[]>> = {
  retirements: ["none", "month", "project", "batch", "firm", "vintage", "purpose"],
  cancellations: ["none", "month", "project", "batch", "firm", "vintage", "reason"],
  issuances: ["none", "month", "project", "vintage"],
  transfers: ["none", "month", "project", "batch", "kind"],
  trades: ["none", "month", "project", "batch", "buyer", "seller"],
};

/** Sums of a group. The key of `none` is empty, that of a month is `YYYY-MM`. */
export interface GroupTotal {
  readonly key: string;
  readonly records: bigint;
  readonly tonnes: bigint;
  /** Of trades: tonnes times price; null for the others. */
  readonly value: bigint | null;
}
