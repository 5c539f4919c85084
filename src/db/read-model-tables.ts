import type { AuditReadModelTables } from "./audit-read-model-tables.js";
import type { ExchangeReadModelTables } from "./exchange-read-model-tables.js";
import type { JsonColumn } from "./inbox-tables.js";
import type {
  AccountStatus,
  CancellationReason,
  EventName,
  FirstTransfer,
  IntentKind,
  IssuanceStatus,
  Json,
  LedgerContractName,
  ParticipantStatus,
  ProjectStatus,
  Purpose,
  SerialBlockJson,
} from "../chain/event-types.js";

/**
 * The read model: derived from block headers and logs only, so it can be dropped and refilled at any time.
 *
 * Tonnes and serial numbers are 64 bits wide on the chain and do not fit a signed `int8`: they are `numeric(20,0)`, frozen amounts
 * (256 bits) `numeric(78,0)`. Both come back as `bigint`. Times are Unix seconds. Codes stand for projects, batches, programmes.
 */
export interface ReadModelTables extends ExchangeReadModelTables, AuditReadModelTables {
  blocks: BlocksTable;
  events: EventsTable;
  participants: ParticipantsTable;
  accounts: AccountsTable;
  projects: ProjectsTable;
  statements: StatementsTable;
  issuances: IssuancesTable;
  batches: BatchesTable;
  foreign_blocks: ForeignBlocksTable;
  serial_blocks: SerialBlocksTable;
  holdings: HoldingsTable;
  transfers: TransfersTable;
  retirements: RetirementsTable;
  cancellations: CancellationsTable;
  intents: IntentsTable;
  revoked_nonces: RevokedNoncesTable;
  role_grants: RoleGrantsTable;
  ledger_state: LedgerStateTable;
  cursor: CursorTable;
}

/** Headers of every block from the deployment on. */
export interface BlocksTable {
  number: bigint;
  hash: string;
  parent_hash: string;
  timestamp: bigint;
}

export interface EventsTable {
  block_number: bigint;
  log_index: number;
  tx_hash: string;
  contract: LedgerContractName;
  name: EventName;
  args: JsonColumn<Record<string, Json>>;
}

export interface ParticipantsTable {
  id: number;
  tax_code: string;
  status: ParticipantStatus;
  capabilities: number;
  kyc_expires_at: bigint;
  document_hash: string;
  /** Of the latest suspension; null while active. */
  suspension_reason_hash: string | null;
  admitted_block: bigint;
  tx_hash: string;
  updated_block: bigint;
}

export interface AccountsTable {
  address: string;
  participant_id: number;
  status: AccountStatus;
  successor: string | null;
  /** What an officer proposed and none yet approved. */
  proposed_successor: string | null;
  proposed_by: string | null;
  added_block: bigint;
  tx_hash: string;
}

export interface ProjectsTable {
  code: string;
  owner_id: number;
  status: ProjectStatus;
  buffer_basis_points: number;
  document_hash: string;
  listed_block: bigint;
  tx_hash: string;
  updated_block: bigint;
}

/** `period_start` and `period_end` are days since 1970-01-01. */
export interface StatementsTable {
  id: string;
  project_code: string;
  verifier: string;
  period_start: bigint;
  period_end: bigint;
  verified_tonnes: bigint;
  claimed_tonnes: bigint;
  report_hash: string;
  block_number: bigint;
  tx_hash: string;
}

export interface IssuancesTable {
  id: string;
  batch_code: string;
  statement_id: string;
  project_code: string;
  vintage: number;
  tonnes: bigint;
  recipient: string;
  foreign_programme: string | null;
  foreign_series: string | null;
  foreign_start: bigint | null;
  foreign_end: bigint | null;
  document_hash: string;
  status: IssuanceStatus;
  proposer: string;
  approver: string | null;
  rejecter: string | null;
  reason_hash: string | null;
  proposed_block: bigint;
  proposed_tx_hash: string;
  decided_block: bigint | null;
  decided_tx_hash: string | null;
}

export interface BatchesTable {
  code: string;
  project_code: string;
  statement_id: string;
  vintage: number;
  issued_tonnes: bigint;
  held_tonnes: bigint;
  retired_tonnes: bigint;
  cancelled_tonnes: bigint;
  buffer_tonnes: bigint;
  /** Bit set of `Authorisations`. */
  authorisations: number;
  first_transfer: FirstTransfer;
  authorisation_document_hash: string | null;
  authorisation_revoked: boolean;
  paused: boolean;
  issued_block: bigint;
  tx_hash: string;
}

export interface ForeignBlocksTable {
  programme: string;
  series: string;
  start_serial: bigint;
  end_serial: bigint;
  batch_code: string;
  block_number: bigint;
  tx_hash: string;
}

export type SerialState = "held" | "retired" | "cancelled";

/** Where every serial is: maximal runs of one owner. `record_id` is the retirement or the cancellation. */
export interface SerialBlocksTable {
  batch_code: string;
  start_serial: bigint;
  end_serial: bigint;
  state: SerialState;
  /** Who holds, or who retired or cancelled. */
  account: string;
  record_id: bigint | null;
}

export interface HoldingsTable {
  account: string;
  batch_code: string;
  tonnes: bigint;
  frozen_tonnes: bigint;
}

export type TransferKind = "transfer" | "forced" | "recovery";

export interface TransfersTable {
  /** `<block>-<log index>` */
  id: string;
  batch_code: string;
  from_account: string;
  to_account: string;
  tonnes: bigint;
  blocks: JsonColumn<SerialBlockJson[]>;
  kind: TransferKind;
  intent_hash: string | null;
  block_number: bigint;
  log_index: number;
  tx_hash: string;
  timestamp: bigint;
}

export interface RetirementsTable {
  id: bigint;
  batch_code: string;
  tonnes: bigint;
  blocks: JsonColumn<SerialBlockJson[]>;
  account: string;
  participant_id: number;
  /** Empty for a natural person, who is a commitment. */
  beneficiary: string;
  beneficiary_id: string;
  beneficiary_commitment: string | null;
  purpose: Purpose;
  reason: string;
  details: string;
  consumption_country: string | null;
  /** Days since 1970-01-01; null when not stated. */
  consumption_period_start: bigint | null;
  consumption_period_end: bigint | null;
  retired_at: bigint;
  record_hash: string;
  intent_hash: string | null;
  block_number: bigint;
  log_index: number;
  tx_hash: string;
  /** Of the batch. */
  project_code: string;
  vintage: number;
  /** Of the record, in UTC: year · 100 + month. */
  month: number;
  /** Its words, folded, as a `tsvector`. */
  search: string;
}

export interface CancellationsTable {
  id: bigint;
  batch_code: string;
  tonnes: bigint;
  blocks: JsonColumn<SerialBlockJson[]>;
  account: string;
  participant_id: number;
  reason: CancellationReason;
  details: string;
  cancelled_at: bigint;
  record_hash: string;
  intent_hash: string | null;
  block_number: bigint;
  log_index: number;
  tx_hash: string;
  /** Of the batch. */
  project_code: string;
  vintage: number;
  /** Of the record, in UTC: year · 100 + month. */
  month: number;
  /** Its words, folded, as a `tsvector`. */
  search: string;
}

/** Intents that were executed. */
export interface IntentsTable {
  hash: string;
  account: string;
  nonce: string;
  kind: IntentKind;
  block_number: bigint;
  log_index: number;
  tx_hash: string;
}

export interface RevokedNoncesTable {
  account: string;
  nonce: string;
  block_number: bigint;
  tx_hash: string;
}

export interface RoleGrantsTable {
  /** Role number: see `Roles.sol`. */
  role: string;
  account: string;
  /** Seconds between scheduling and executing. */
  delay: bigint;
  since: bigint;
  block_number: bigint;
  tx_hash: string;
}

/**
 * Facts about the ledger as a whole: `paused` and `cashPaused` ("true" or "false"), `bufferAccount` and `feeAccount` (addresses),
 * `singleApprovalLimit` (a decimal), `feeSchedule` (JSON of `FeeSchedule`).
 */
export interface LedgerStateTable {
  name: "paused" | "bufferAccount" | "cashPaused" | "singleApprovalLimit" | "feeSchedule" | "feeAccount";
  value: string;
}

/** How far the read model is. `deployment` identifies the contracts that it was read from. */
export interface CursorTable {
  id: number;
  block_number: bigint;
  block_hash: string;
  deployment: string;
}
