import type { ExchangePositionsTable } from "./exchange-read-model-tables.js";
import type { AccountsTable, BatchesTable, ParticipantsTable, ProjectsTable } from "./read-model-tables.js";

/**
 * The part of the read model that remembers: what was so at an earlier block, and what happened by month. Derived from logs only, as
 * `read-model-tables.ts` has it. Rows are only ever added, but for the counters of `rollups`.
 */
export interface AuditReadModelTables {
  unit_movements: UnitMovementsTable;
  holding_keys: HoldingKeysTable;
  serial_moves: SerialMovesTable;
  rollups: RollupsTable;
  batch_versions: VersionOf<BatchesTable>;
  participant_versions: VersionOf<ParticipantsTable>;
  account_versions: VersionOf<AccountsTable>;
  project_versions: VersionOf<ProjectsTable>;
  position_versions: VersionOf<ExchangePositionsTable>;
}

/** A row as it stood after a block that changed it. */
export type VersionOf<Table> = Table & {
  block_number: bigint;
  /** The row was removed in this block; its columns are those of the version before. */
  gone: boolean;
};

/** `freeze`: nothing moved, but more or fewer tonnes are frozen. */
export type UnitMovementKind = "issuance" | "transfer" | "retirement" | "cancellation" | "freeze";

/** One side of a movement of units: the giver has a row, and the taker another. */
export interface UnitMovementsTable {
  account: string;
  batch_code: string;
  block_number: bigint;
  log_index: number;
  kind: UnitMovementKind;
  /** Negative when units went. */
  tonnes: bigint;
  /** Of the account and the batch, after the movement. */
  balance: bigint;
  /** Likewise. */
  frozen: bigint;
  /** The other side of a transfer. */
  counterparty: string | null;
  /** The retirement or the cancellation. */
  record_id: bigint | null;
  tx_hash: string;
  timestamp: bigint;
}

/** Every account and batch that ever met. */
export interface HoldingKeysTable {
  account: string;
  batch_code: string;
  first_block: bigint;
}

/** Serials that moved together. A block of L serials is in the class ceil(log2 L): few probes find the moves of one serial. */
export interface SerialMovesTable {
  batch_code: string;
  length_class: number;
  start_serial: bigint;
  block_number: bigint;
  log_index: number;
  end_serial: bigint;
  /** Null when they were issued. */
  from_account: string | null;
  /** Null when they were retired or cancelled. */
  to_account: string | null;
  tx_hash: string;
  timestamp: bigint;
}

export type RollupSubject = "retirements" | "cancellations" | "issuances" | "transfers" | "trades";
export type RollupDimension =
  "all" | "project" | "batch" | "firm" | "vintage" | "purpose" | "reason" | "kind" | "buyer" | "seller";

/** Counters by month (UTC, year · 100 + month), for each value of a dimension; the key of `all` is empty. */
export interface RollupsTable {
  subject: RollupSubject;
  dimension: RollupDimension;
  key: string;
  month: number;
  records: bigint;
  tonnes: bigint;
  /** Of trades: tonnes times price, in minor units; 0 otherwise. */
  value: bigint;
}
