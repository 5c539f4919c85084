import type { ColumnType, Generated } from "kysely";

/** A JSON value as the database hands it back. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A JSON object as the database hands it back. */
export interface JsonObject {
  [key: string]: Json;
}

/**
 * A `jsonb` column: read as an object, written as text (`JSON.stringify`). The two drivers differ in how they serialise objects
 * and arrays, but not in how they pass text on, so the types ask for text.
 */
export type JsonColumn<T> = ColumnType<T, string, string>;

/** `timestamptz`; the database stamps it when it is left out. */
export type Timestamp = ColumnType<Date, Date | string | undefined, Date | string>;

/** `accepted`: durable, not yet in a transaction. `sent`: in a signed transaction. `final` and `rejected` are ends. */
export type OperationStatus = "accepted" | "sent" | "final" | "rejected";

/** Which queue, and so which sending key, an operation goes through. */
export type Lane = "intents" | "raw" | "settlement" | `institution:${string}`;

/** The fate of everything that was accepted. Not derivable from the chain. */
export interface OperationsTable {
  /** The intent's hash for a signed intent, otherwise a UUID version 7. */
  id: string;
  /** Order of acceptance. */
  seq: Generated<bigint>;
  kind: string;
  status: ColumnType<OperationStatus, OperationStatus | undefined, OperationStatus>;
  lane: Lane;
  /** The account that acts, or null when it is not known (a raw transaction names its sender only when decoded). */
  account: string | null;
  participant_id: number | null;
  role: string | null;
  /** What was asked, as JSON. */
  request: JsonColumn<JsonObject>;
  /** What the outbox needs to send it. */
  payload: JsonColumn<JsonObject>;
  intent_hash: string | null;
  tx_hash: string | null;
  block_number: bigint | null;
  /** What came of it, once final. */
  result: ColumnType<JsonObject | null, string | null | undefined, string | null>;
  /** The problem document, once rejected. */
  problem: ColumnType<JsonObject | null, string | null | undefined, string | null>;
  created_at: Timestamp;
  updated_at: Timestamp;
}

/** `signed`: its fate is open. `final`: mined and succeeded. `failed`: mined and reverted. `superseded`: another took its nonce. */
export type TransactionStatus = "signed" | "final" | "failed" | "superseded";

/** Every transaction that this service signed or passed on, with its raw bytes, written before it is broadcast. */
export interface TransactionsTable {
  hash: string;
  /** Order of signing, over all lanes. */
  seq: Generated<bigint>;
  sender: string;
  nonce: bigint;
  raw: string;
  lane: Lane;
  status: ColumnType<TransactionStatus, TransactionStatus | undefined, TransactionStatus>;
  block_number: bigint | null;
  created_at: Timestamp;
}

/** Which operations a transaction carries, in the order of its calls. */
export interface TransactionOperationsTable {
  tx_hash: string;
  position: number;
  operation_id: string;
}

/** Encrypted Web3 keystores (version 3) of managed accounts. */
export interface KeystoresTable {
  address: string;
  participant_id: number | null;
  role: string | null;
  json: string;
  created_at: Timestamp;
}

export type ApiKeyScope = "participant" | "role" | "admin" | "auditor" | "regulator";

export interface ApiKeysTable {
  id: string;
  /** SHA-256 of the secret, lower-case hexadecimal. */
  secret_hash: string;
  scope: ApiKeyScope;
  participant_id: number | null;
  role: string | null;
  /** The managed account that the key acts with. */
  account: string | null;
  label: string;
  created_at: Timestamp;
  revoked_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  /** From then on it is worth nothing; null: never. */
  expires_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
}

export interface IdempotencyKeysTable {
  principal: string;
  key: string;
  request_hash: string;
  operation_id: string | null;
  status: number | null;
  response: ColumnType<JsonObject | null, string | null | undefined, string | null>;
  created_at: Timestamp;
}

/** Documents whose hashes the chain carries. */
export interface DocumentsTable {
  /** keccak-256 of the RFC 8785 canonical JSON. */
  hash: string;
  kind: string;
  body: JsonColumn<JsonObject>;
  canonical: string;
  created_at: Timestamp;
}

/** What the chain cannot give back: these tables are never dropped by a rebuild of the read model. */
export interface InboxTables {
  operations: OperationsTable;
  transactions: TransactionsTable;
  transaction_operations: TransactionOperationsTable;
  keystores: KeystoresTable;
  api_keys: ApiKeysTable;
  idempotency_keys: IdempotencyKeysTable;
  documents: DocumentsTable;
}
