import type { ColumnType, Generated } from "kysely";
import type { JsonColumn, JsonObject, Timestamp } from "./inbox-tables.js";

/** What is attested, exported and read: the chain cannot give it back, and no rebuild drops it. */
export interface AuditTables {
  checkpoints: CheckpointsTable;
  checkpoint_signatures: CheckpointSignaturesTable;
  log_nodes: LogNodesTable;
  exports: ExportsTable;
  personal_data: PersonalDataTable;
  access_log: AccessLogTable;
}

/** Hashes are 0x and lower-case hexadecimal; times of blocks are Unix seconds. */
export interface CheckpointsTable {
  number: bigint;
  block_number: bigint;
  block_hash: string;
  state_root: string;
  block_timestamp: bigint;
  retirement_count: bigint;
  /** Of the log of all retirements so far. */
  log_root: string;
  /** Digest of the checkpoint before; 32 zero bytes for the first. */
  previous: string;
  /** What is signed. */
  digest: string;
  created_at: Timestamp;
}

export interface CheckpointSignaturesTable {
  checkpoint: bigint;
  role: string;
  /** EIP-55. */
  signer: string;
  signature: string;
  created_at: Timestamp;
}

/** Complete subtrees of the log of retirements; level 0 has the leaves. */
export interface LogNodesTable {
  level: number;
  position: bigint;
  hash: string;
}

/** `abandoned`: the reader left, or the service stopped, before its end. */
export type ExportStatus = "running" | "complete" | "abandoned";

export interface ExportsTable {
  id: string;
  /** As `principalName` says it. */
  principal: string;
  subject: string;
  format: string;
  query: JsonColumn<JsonObject>;
  block_number: bigint;
  block_hash: string;
  status: ExportStatus;
  rows: bigint | null;
  bytes: bigint | null;
  sha256: string | null;
  signer: string | null;
  signature: string | null;
  finished_at: OptionalTimestamp;
  created_at: Timestamp;
}

/** Names of natural persons behind commitments on the chain. Erasing empties a row and keeps it. */
export interface PersonalDataTable {
  commitment: string;
  participant_id: number;
  name: string | null;
  identifier: string | null;
  salt: string | null;
  created_at: Timestamp;
  erased_at: OptionalTimestamp;
  erased_by: string | null;
}

/** Who read, with more rights than a participant, what is not public. */
export interface AccessLogTable {
  seq: Generated<bigint>;
  at: Timestamp;
  key_id: string;
  scope: string;
  role: string | null;
  method: string;
  /** Path of the route, with the names of its parameters. */
  route: string;
  /** Path and query as they came. */
  url: string;
  request_id: string;
}

type OptionalTimestamp = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
