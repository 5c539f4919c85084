import type { ColumnType, Generated } from "kysely";
import type { JsonColumn, JsonObject, Timestamp } from "./inbox-tables.js";

/** Files of other registries on their way into the ledger. What became of each row can be read for good. */
export interface ImportTables {
  imports: ImportsTable;
  import_rows: ImportRowsTable;
  import_projects: ImportProjectsTable;
  import_periods: ImportPeriodsTable;
}

/**
 * `checking`: rows are read and checked, nothing is sent. `refused`: some row, or the file, cannot be taken; nothing was sent.
 * `checked`: a dry run that found nothing. `waiting`: for the consent of others. `running`: acts are on their way. `final`: all of them
 * are on the chain. `failed`: an act was rejected; what had been done before it stands, and the same file again goes on from there.
 */
export type ImportStatus = "checking" | "refused" | "checked" | "waiting" | "running" | "final" | "failed";

export type ImportRegistry = "verra" | "gold-standard" | "vrod";

type Defaulted<T> = ColumnType<T, T | undefined, T>;
type Nullable<T> = ColumnType<T | null, T | null | undefined, T | null>;

export interface ImportsTable {
  /** SHA-256 of the file and the registry, lower-case hexadecimal: the same file again is the same import. */
  id: string;
  seq: Generated<bigint>;
  registry: ImportRegistry;
  /** As `LAYOUTS` calls it; null until the header is read. */
  layout: Nullable<string>;
  file_name: string;
  file_sha256: string;
  bytes: bigint;
  declared_encoding: Nullable<string>;
  encoding: Nullable<string>;
  /** Participant who owns the projects, and its account that the units go to (EIP-55). */
  owner_id: number;
  account: string;
  dry_run: boolean;
  status: ImportStatus;
  /** Counts the times that a failed import was taken up again: part of the ids of its operations. */
  attempt: Defaulted<number>;
  /** Place in `PHASES`, and how many of its acts are done. */
  phase: Defaulted<number>;
  phase_done: Defaulted<bigint>;
  phase_total: Defaulted<bigint>;
  /** As `principalName` says it. */
  creator: string;
  /** Accounts of those who propose, approve, sign statements, and retire. */
  registrar: string;
  approver: Nullable<string>;
  verifier: Nullable<string>;
  holder: Nullable<string>;
  rows: Defaulted<bigint>;
  refused: Defaulted<bigint>;
  /** Rows that the ledger knew already. */
  known: Defaulted<bigint>;
  /** Hash of the block that the ledger had read last when the rows were compared with it. */
  compared_at: Nullable<string>;
  /** True when some row is retired or cancelled: then the holder must consent. */
  has_ends: Defaulted<boolean>;
  problem: ColumnType<JsonObject | null, string | null | undefined, string | null>;
  created_at: Timestamp;
  updated_at: Timestamp;
  started_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  ended_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

/** A row of the file, and what is to be done about it. Days are numbers of days since 1970-01-01. */
export interface ImportRowsTable {
  import_id: string;
  /** Counts the records of the file, from 1; the header is none. */
  number: bigint;
  /** Where the record begins, from 1. */
  line: bigint;
  project: Nullable<string>;
  project_name: Nullable<string>;
  project_source: ColumnType<JsonObject | null, string | null | undefined, string | null>;
  /** Status that the project has or must have. */
  project_target: Nullable<string>;
  period_start: Nullable<number>;
  period_end: Nullable<number>;
  vintage: Nullable<number>;
  tonnes: Nullable<bigint>;
  /** What the registry says was verified in the period, when it says so. */
  verified: Nullable<bigint>;
  /** Foreign block; null for a domestic one. */
  programme: Nullable<string>;
  series: Nullable<string>;
  serial_start: Nullable<bigint>;
  serial_end: Nullable<bigint>;
  issued_on: Nullable<number>;
  ends: Nullable<"retired" | "cancelled">;
  ended_on: Nullable<number>;
  beneficiary: Nullable<string>;
  reason: Nullable<string>;
  /** Free text of the export: may name people, and never goes on the chain. */
  note: Nullable<string>;
  source: ColumnType<JsonObject | null, string | null | undefined, string | null>;
  refusal_code: Nullable<string>;
  refusal: Nullable<string>;
  /** What is to be done: issue the block; retire or cancel it. */
  issues: Defaulted<boolean>;
  ends_now: Defaulted<boolean>;
  /** An earlier attempt proposed it already. */
  is_proposed: Defaulted<boolean>;
  batch: Nullable<string>;
  /** First serial of the block within its batch. */
  batch_start: Nullable<bigint>;
  /** Start of the foreign block before it. */
  hint: Nullable<bigint>;
  /** Start of the statement's period: names the row of `import_periods`. */
  period_from: Nullable<number>;
  /** Order in which rows are sent. */
  place: Nullable<bigint>;
}

export interface ImportProjectsTable {
  import_id: string;
  code: string;
  /** The public record. */
  source: JsonColumn<JsonObject>;
  target: string;
  /** Status in the ledger when the import began; null when it was not there. */
  from_status: Nullable<string>;
}

/** A statement to be made, or to be used. */
export interface ImportPeriodsTable {
  import_id: string;
  project: string;
  period_start: number;
  period_end: number;
  /** Verified. */
  tonnes: bigint;
  /** The ledger's statement that covers the period. */
  existing_id: Nullable<string>;
  statement_id: Nullable<string>;
  /** The project's statement before it, once it is the turn of this one. */
  previous_id: Nullable<string>;
}
