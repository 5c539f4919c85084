import type { ExportManifest } from "../verify/types.js";
import type {
  AccountStatus,
  Address,
  Authorisation,
  Capability,
  DateTime,
  Day,
  Decimal,
  FirstTransfer,
  Hash,
  ParticipantStatus,
} from "./types.js";
import type { Purpose } from "./unit-types.js";

/** What was so at an earlier moment, and the past of one account and of one tonne. */

/** A block, or a time (ISO 8601, UTC), never both; neither: the latest block that is known. */
export interface Moment {
  readonly block?: number;
  readonly at?: DateTime;
}

/** The block that a page is about. */
export interface AsOf {
  readonly block: number;
  readonly hash: Hash;
  readonly at: DateTime;
}

export interface PageAsOf<Item> {
  readonly asOf: AsOf;
  readonly items: readonly Item[];
  readonly next: string | null;
}

export interface PastHolding {
  readonly account: Address;
  readonly participantId: number | null;
  readonly batch: string;
  readonly tonnes: Decimal;
  readonly frozenTonnes: Decimal;
}

export interface PastPosition {
  readonly account: Address;
  readonly participantId: number | null;
  /** Null: cash. */
  readonly batch: string | null;
  readonly amount: Decimal;
  readonly leaving: Decimal;
  readonly availableAt: DateTime | null;
}

export interface PastSupply {
  readonly batch: string;
  readonly projectCode: string;
  readonly vintage: number;
  readonly issuedTonnes: Decimal;
  readonly heldTonnes: Decimal;
  readonly retiredTonnes: Decimal;
  readonly cancelledTonnes: Decimal;
  readonly bufferTonnes: Decimal;
  readonly paused: boolean;
  readonly changedBlock: number;
}

export interface PastLabels {
  readonly batch: string;
  readonly projectCode: string;
  readonly vintage: number;
  readonly authorisations: readonly Authorisation[];
  readonly firstTransfer: FirstTransfer;
  readonly authorisationDocumentHash: Hash | null;
  readonly authorisationRevoked: boolean;
  readonly changedBlock: number;
}

export interface PastParticipant {
  readonly id: number;
  readonly taxCode: string;
  readonly name: string | null;
  readonly status: ParticipantStatus | "none";
  readonly capabilities: readonly Capability[];
  readonly kycExpiresAt: DateTime;
  readonly documentHash: Hash;
  readonly accounts: readonly { readonly address: Address; readonly status: AccountStatus | "none" }[];
  readonly changedBlock: number;
}

/** Opening, movements and closing of an account between two days. For each batch they add up. */
export interface UnitStatement {
  readonly account: Address;
  readonly from: Day;
  readonly to: Day;
  /** More than `toBlock`: there is no block in these days. */
  readonly fromBlock: number;
  readonly toBlock: number;
  /** All of them on every page. */
  readonly batches: readonly {
    readonly batch: string;
    readonly opening: Decimal;
    readonly in: Decimal;
    readonly out: Decimal;
    readonly closing: Decimal;
    /** What the exchange owed the account besides. */
    readonly position: { readonly opening: Decimal; readonly closing: Decimal };
  }[];
  readonly items: readonly StatementLine[];
  readonly next: string | null;
}

export interface StatementLine {
  readonly id: string;
  readonly batch: string;
  readonly kind: "issuance" | "transfer" | "retirement" | "cancellation" | "freeze";
  /** Negative when units went. */
  readonly tonnes: string;
  readonly balance: Decimal;
  readonly frozenTonnes: Decimal;
  readonly counterparty: Address | null;
  readonly recordId: Decimal | null;
  readonly timestamp: DateTime;
  readonly blockNumber: number;
  readonly logIndex: number;
  readonly txHash: Hash;
}

/** The life of one tonne. Accounts are null where the reader may not see whose they are. */
export interface SerialLife {
  readonly batch: string;
  readonly serial: Decimal;
  readonly projectCode: string;
  readonly projectName: string | null;
  readonly vintage: number;
  readonly issued: {
    readonly issuanceId: Hash | null;
    readonly account: Address | null;
    readonly at: DateTime;
    readonly blockNumber: number;
    readonly txHash: Hash;
  };
  readonly steps: readonly SerialStep[];
  readonly hasMoreSteps: boolean;
  readonly end: {
    readonly state: "held" | "retired" | "cancelled";
    readonly account: Address | null;
    readonly firm: string | null;
    readonly retirement: {
      readonly id: Decimal;
      readonly beneficiary: string;
      readonly purpose: Purpose;
      readonly retiredAt: DateTime;
    } | null;
    readonly cancellationId: Decimal | null;
  };
  readonly links: { readonly self: string; readonly record: string | null };
}

export interface SerialStep {
  readonly kind: "issuance" | "transfer" | "forced" | "recovery" | "retirement" | "cancellation";
  readonly from: Address | null;
  readonly to: Address | null;
  readonly since: DateTime;
  /** Null: it is there still. */
  readonly until: DateTime | null;
  readonly blockNumber: number;
  readonly logIndex: number;
  readonly txHash: Hash;
  /** From this step to the next it was in the exchange, which does not tell a batch's serials apart. */
  readonly inExchange: boolean;
  /** Trades of the batch meanwhile: each may have been of this tonne. */
  readonly trades: readonly string[];
  readonly hasMoreTrades: boolean;
}

/** What was exported, and what the service signs about it. */
export interface Export {
  readonly id: string;
  readonly subject: string;
  readonly format: "csv" | "ndjson" | "parquet";
  readonly query: Readonly<Record<string, unknown>>;
  readonly blockNumber: number;
  readonly blockHash: Hash;
  /** `abandoned`: the reader left before the end. */
  readonly status: "running" | "complete" | "abandoned";
  readonly createdAt: DateTime;
  /** Null until it is complete. */
  readonly manifest: ExportManifest | null;
  readonly links: { readonly self: string; readonly manifest: string };
}
