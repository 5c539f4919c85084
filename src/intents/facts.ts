import { sql } from "kysely";

import type { AccountStatus, ParticipantStatus, SerialBlockJson } from "../chain/event-types.js";
import type { Db } from "../db/connection.js";
import { grouped } from "../db/grouped.js";
import { jsonText } from "../db/json.js";
import { isOpenOperation } from "../db/open-operations.js";

/** Who and what an intent is about. */
export interface Subject {
  readonly hash: string;
  readonly account: string;
  readonly nonce: string;
  /** The receiver of units or money. */
  readonly to: string | null;
  /** Code; null when no units are moved. */
  readonly batch: string | null;
  readonly revokedNonce: string | null;
}

/** Whose account an address is. `kycExpiresAt` is Unix time in seconds. */
export interface Standing {
  readonly participantId: number;
  readonly accountStatus: AccountStatus;
  readonly participantStatus: ParticipantStatus;
  readonly kycExpiresAt: bigint;
}

export interface BatchFacts {
  readonly vintage: number;
  /** Bit set of `Authorisations.sol`. */
  readonly authorisations: number;
  readonly paused: boolean;
}

/** Whether the contracts would carry an act out, as far as accounts, batches and holdings tell. */
export interface StateFacts {
  /** Null: no participant's. */
  readonly holder: Standing | null;
  readonly receiver: Standing | null;
  readonly batch: BatchFacts | null;
  readonly heldTonnes: bigint;
  readonly frozenTonnes: bigint;
  readonly isEverythingPaused: boolean;
}

/** What the service knows about an intent's subject. */
export interface Facts extends StateFacts {
  /** Of the last applied block; null when there is none. */
  readonly blockHash: string | null;
  /** The intent was accepted before. */
  readonly isAccepted: boolean;
  /** Hash of the intent that used the nonce up. */
  readonly executedIntent: string | null;
  readonly isNonceRevoked: boolean;
  /** The nonce that a revocation names is used up already. */
  readonly isRevokedNonceUsed: boolean;
}

/** The most subjects in one query. */
const GROUP_LIMIT = 200;

/** Reads facts, of many intents at once in one query. All facts of one subject are of one moment. */
export function createFactsReader(db: Db): (subject: Subject) => Promise<Facts> {
  return grouped(GROUP_LIMIT, async (subjects: readonly Subject[]) => (await queryFacts(db, subjects)).map(factsOf));
}

interface FactsRow {
  readonly is_accepted: boolean;
  readonly holder_id: number | null;
  readonly holder_account: AccountStatus | null;
  readonly holder_status: ParticipantStatus | null;
  readonly holder_kyc: bigint | null;
  readonly receiver_id: number | null;
  readonly receiver_account: AccountStatus | null;
  readonly receiver_status: ParticipantStatus | null;
  readonly receiver_kyc: bigint | null;
  readonly vintage: number | null;
  readonly authorisations: number | null;
  readonly paused: boolean | null;
  readonly tonnes: bigint | null;
  readonly frozen_tonnes: bigint | null;
  readonly all_paused: string | null;
  readonly block_hash: string | null;
  readonly executed_intent: string | null;
  readonly is_revoked: boolean;
  readonly is_revoked_nonce_used: boolean;
}

async function queryFacts(db: Db, subjects: readonly Subject[]): Promise<FactsRow[]> {
  const numbered = subjects.map((subject, place) => ({ place, ...subject }));
  const result = await sql<FactsRow>`
    select o.id is not null as is_accepted,
      ha.participant_id as holder_id, ha.status as holder_account, hp.status as holder_status, hp.kyc_expires_at as holder_kyc,
      ra.participant_id as receiver_id, ra.status as receiver_account, rp.status as receiver_status, rp.kyc_expires_at as receiver_kyc,
      b.vintage, b.authorisations, b.paused, h.tonnes, h.frozen_tonnes,
      (select value from ledger_state where name = 'paused') as all_paused,
      (select block_hash from cursor where id = 1) as block_hash,
      i.hash as executed_intent,
      exists (select 1 from revoked_nonces n where n.account = q.account and n.nonce = q.nonce) as is_revoked,
      q."revokedNonce" is not null and (
        exists (select 1 from revoked_nonces n where n.account = q.account and n.nonce = q."revokedNonce") or
        exists (select 1 from intents n where n.account = q.account and n.nonce = q."revokedNonce")) as is_revoked_nonce_used
    from json_to_recordset(${jsonText(numbered)}::text::json)
      as q(place int, hash text, account text, nonce text, "to" text, batch text, "revokedNonce" text)
    left join operations o on o.id = q.hash
    left join accounts ha on ha.address = q.account
    left join participants hp on hp.id = ha.participant_id
    left join accounts ra on ra.address = q."to"
    left join participants rp on rp.id = ra.participant_id
    left join batches b on b.code = q.batch
    left join holdings h on h.account = q.account and h.batch_code = q.batch
    left join intents i on i.account = q.account and i.nonce = q.nonce
    order by q.place`.execute(db);
  return result.rows;
}

function factsOf(row: FactsRow): Facts {
  const { vintage, authorisations, paused } = row;
  return {
    blockHash: row.block_hash,
    isAccepted: row.is_accepted,
    holder: standingOf(row.holder_id, row.holder_account, row.holder_status, row.holder_kyc),
    receiver: standingOf(row.receiver_id, row.receiver_account, row.receiver_status, row.receiver_kyc),
    batch: vintage === null || authorisations === null || paused === null ? null : { vintage, authorisations, paused },
    heldTonnes: row.tonnes ?? 0n,
    frozenTonnes: row.frozen_tonnes ?? 0n,
    isEverythingPaused: row.all_paused === "true",
    executedIntent: row.executed_intent,
    isNonceRevoked: row.is_revoked,
    isRevokedNonceUsed: row.is_revoked_nonce_used,
  };
}

function standingOf(
  participantId: number | null,
  accountStatus: AccountStatus | null,
  participantStatus: ParticipantStatus | null,
  kycExpiresAt: bigint | null,
): Standing | null {
  if (participantId === null || accountStatus === null || participantStatus === null || kycExpiresAt === null)
    return null;
  return { participantId, accountStatus, participantStatus, kycExpiresAt };
}

/**
 * Whether anything accepted and not yet at its end may change the facts about a subject: an act of one of the accounts, units on their
 * way to the holder, or any act of an institution. The read model does not know its outcome yet.
 */
export async function isUnsettled(db: Db, { account, to }: Subject): Promise<boolean> {
  const accounts = to === null ? [account] : [account, to];
  const row = await db
    .selectFrom("operations")
    .select("id")
    .where(isOpenOperation)
    .where((x) =>
      // Trades change positions, which no fact is about.
      x.or([
        x("lane", "not in", ["intents", "settlement"]),
        x("account", "in", accounts),
        x(sql<string>`request ->> 'to'`, "=", account),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The first of the blocks that does not lie inside one block of the holder. */
export async function firstBlockNotHeld(
  db: Db,
  account: string,
  batch: string,
  blocks: readonly SerialBlockJson[],
): Promise<SerialBlockJson | undefined> {
  const result = await sql<{ place: number }>`
    select q.place
    from json_to_recordset(${jsonText(blocks.map((block, place) => ({ ...block, place })))}::text::json)
      as q(place int, start numeric, "end" numeric)
    where not exists (
      select 1 from serial_blocks s
      where s.account = ${account} and s.batch_code = ${batch} and s.state = 'held'
        and s.start_serial <= q.start and s.end_serial >= q."end")
    order by q.place limit 1`.execute(db);
  const place = result.rows[0]?.place;
  return place === undefined ? undefined : blocks[place];
}
