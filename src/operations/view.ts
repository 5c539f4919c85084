import type { Selectable } from "kysely";

import type { Json, JsonObject, OperationStatus, OperationsTable } from "../db/inbox-tables.js";
import type { ProblemDocument } from "../errors.js";

/** An operation, as the API shows it. */
export interface OperationView {
  readonly id: string;
  readonly kind: string;
  readonly status: OperationStatus;
  readonly account: string | null;
  readonly participantId: number | null;
  readonly role: string | null;
  readonly intentHash: string | null;
  readonly txHash: string | null;
  readonly blockNumber: number | null;
  readonly result: Record<string, unknown> | null;
  readonly problem: ProblemDocument | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly links: { readonly self: string; readonly transaction: string | null; readonly result: string | null };
}

export type OperationRow = Pick<
  Selectable<OperationsTable>,
  | "id"
  | "seq"
  | "kind"
  | "status"
  | "account"
  | "participant_id"
  | "role"
  | "intent_hash"
  | "tx_hash"
  | "block_number"
  | "result"
  | "problem"
  | "created_at"
  | "updated_at"
>;

/** What `toView` reads. The request and the payload are left where they are. */
export const VIEW_COLUMNS = [
  "id",
  "seq",
  "kind",
  "status",
  "account",
  "participant_id",
  "role",
  "intent_hash",
  "tx_hash",
  "block_number",
  "result",
  "problem",
  "created_at",
  "updated_at",
] as const;

export function toView(row: Omit<OperationRow, "seq"> & { readonly seq?: bigint }): OperationView {
  return {
    id: row.id,
    kind: row.kind,
    status: row.status,
    account: row.account,
    participantId: row.participant_id,
    role: row.role,
    intentHash: row.intent_hash,
    txHash: row.tx_hash,
    blockNumber: row.block_number === null ? null : Number(row.block_number),
    result: row.result,
    // The outbox wrote it from the error table.
    problem: row.problem as unknown as ProblemDocument | null,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    links: {
      self: `/v1/operations/${encodeURIComponent(row.id)}`,
      transaction: row.tx_hash === null ? null : `/v1/transactions/${row.tx_hash}`,
      result: row.result === null ? null : linkOf(row.kind, row.result),
    },
  };
}

/** Where the thing is that came of the operation: the most particular first. */
const RESOURCES = [
  ["transferId", "transfers"],
  ["retirementId", "retirements"],
  ["cancellationId", "cancellations"],
  ["issuanceId", "issuances"],
  ["statementId", "verification-statements"],
  ["project", "projects"],
  ["depositReference", "cash/deposits"],
  ["redemptionId", "cash/redemptions"],
  ["withdrawalId", "withdrawals"],
  ["participantId", "participants"],
  ["batch", "batches"],
] as const;

function linkOf(kind: string, result: JsonObject): string | null {
  const { account, batch } = result;
  // What comes of an approval is the batch; the issuance was there before.
  if (kind === "issuance.approve") return pathOf("batches", batch);
  if (kind === "account.add") return pathOf("accounts", account);
  if (kind === "holding.freeze") return pathOf("holdings", account, batch);
  for (const [name, collection] of RESOURCES) {
    if (result[name] !== undefined) return pathOf(collection, result[name]);
  }
  return null;
}

/** Null when a part of the name is missing. */
function pathOf(collection: string, ...names: readonly (Json | undefined)[]): string | null {
  const isNamed = names.every((name) => typeof name === "string" || typeof name === "number");
  return isNamed ? ["/v1", collection, ...names.map((name) => encodeURIComponent(String(name)))].join("/") : null;
}
