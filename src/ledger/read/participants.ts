import { sql } from "kysely";

import type { AccountStatus, ParticipantStatus } from "../../chain/event-types.js";
import type { Db } from "../../db/connection.js";
import type { Row } from "../row-cache.js";
import { readPage, type Page, type PageRequest } from "./page.js";

/** A legal entity. `kycExpiresAt` is Unix time in seconds; `capabilities` a bit set (see `Capabilities.sol`). */
export interface ParticipantView {
  readonly id: number;
  readonly taxCode: string;
  readonly status: ParticipantStatus;
  readonly capabilities: number;
  readonly kycExpiresAt: bigint;
  readonly documentHash: string;
  readonly suspensionReasonHash: string | null;
  readonly txHash: string;
  readonly blockNumber: bigint;
  readonly updatedBlock: bigint;
}

/** An address that acts, or acted, for a participant. */
export interface AccountView {
  readonly address: string;
  readonly participantId: number;
  readonly status: AccountStatus;
  readonly successor: string | null;
  /** A replacement that one officer proposed and another has to approve. */
  readonly proposedSuccessor: string | null;
  readonly proposedBy: string | null;
  readonly txHash: string;
  readonly blockNumber: bigint;
}

export interface RoleGrantView {
  /** Role number: see `Roles.sol`. */
  readonly role: string;
  readonly account: string;
  readonly delaySeconds: bigint;
  /** Unix time in seconds from which the grant holds. */
  readonly since: bigint;
  readonly txHash: string;
  readonly blockNumber: bigint;
}

export interface ParticipantFilter {
  readonly status?: ParticipantStatus | undefined;
  /** Bits that must all be set. */
  readonly capabilities?: number | undefined;
  readonly taxCode?: string | undefined;
}

export interface AccountFilter {
  readonly participantId?: number | undefined;
  readonly status?: AccountStatus | undefined;
}

/** Participants by number. */
export async function listParticipants(
  db: Db,
  filter: ParticipantFilter,
  page: PageRequest,
): Promise<Page<ParticipantView>> {
  const { status, capabilities, taxCode } = filter;
  const query = db
    .selectFrom("participants")
    .selectAll()
    .$if(status !== undefined, (q) => q.where("status", "=", status ?? "none"))
    .$if(capabilities !== undefined, (q) =>
      q.where(sql<boolean>`capabilities & ${capabilities}::int4 = ${capabilities}::int4`),
    )
    .$if(taxCode !== undefined, (q) => q.where("tax_code", "=", taxCode ?? ""));
  return await readPage(query, [{ column: "id", kind: "int4" }], "asc", page, participantView);
}

export async function findParticipant(db: Db, id: number): Promise<ParticipantView | null> {
  const row = await db.selectFrom("participants").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : participantView(row);
}

/** Accounts by address. */
export async function listAccounts(db: Db, filter: AccountFilter, page: PageRequest): Promise<Page<AccountView>> {
  const { participantId, status } = filter;
  const query = db
    .selectFrom("accounts")
    .selectAll()
    .$if(participantId !== undefined, (q) => q.where("participant_id", "=", participantId ?? 0))
    .$if(status !== undefined, (q) => q.where("status", "=", status ?? "none"));
  return await readPage(query, [{ column: "address", kind: "text" }], "asc", page, accountView);
}

export async function findAccount(db: Db, address: string): Promise<AccountView | null> {
  const row = await db.selectFrom("accounts").selectAll().where("address", "=", address).executeTakeFirst();
  return row === undefined ? null : accountView(row);
}

/** All institutional roles granted; there are few. */
export async function listRoleGrants(db: Db): Promise<RoleGrantView[]> {
  const rows = await db.selectFrom("role_grants").selectAll().orderBy("role").orderBy("account").execute();
  return rows.map((row) => ({
    role: row.role,
    account: row.account,
    delaySeconds: row.delay,
    since: row.since,
    txHash: row.tx_hash,
    blockNumber: row.block_number,
  }));
}

export function participantView(row: Row<"participants">): ParticipantView {
  return {
    id: row.id,
    taxCode: row.tax_code,
    status: row.status,
    capabilities: row.capabilities,
    kycExpiresAt: row.kyc_expires_at,
    documentHash: row.document_hash,
    suspensionReasonHash: row.suspension_reason_hash,
    txHash: row.tx_hash,
    blockNumber: row.admitted_block,
    updatedBlock: row.updated_block,
  };
}

function accountView(row: Row<"accounts">): AccountView {
  return {
    address: row.address,
    participantId: row.participant_id,
    status: row.status,
    successor: row.successor,
    proposedSuccessor: row.proposed_successor,
    proposedBy: row.proposed_by,
    txHash: row.tx_hash,
    blockNumber: row.added_block,
  };
}
