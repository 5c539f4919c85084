import { sql, type Selectable } from "kysely";

import type { CheckpointsTable } from "../db/audit-tables.js";
import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import type { InstitutionalRole } from "../principal.js";
import { roleNumber } from "../roles.js";
import type { Checkpoint } from "../verify/types.js";

/** Whose signatures make a checkpoint complete, in the order in which they stand in a pack. */
export const CHECKPOINT_ROLES = ["compliance-officer", "registrar"] as const satisfies readonly InstitutionalRole[];
export type CheckpointRole = (typeof CHECKPOINT_ROLES)[number];

export const NO_CHECKPOINT = `0x${"00".repeat(32)}`;

export interface StoredSignature {
  readonly role: CheckpointRole;
  /** EIP-55. */
  readonly signer: string;
  readonly signature: string;
  /** False once the signer lost the role: a verifier with a newer trust file no longer counts it. */
  readonly isHolder: boolean;
}

/** A checkpoint with its signatures, sorted by role. */
export interface StoredCheckpoint {
  readonly number: bigint;
  readonly blockNumber: bigint;
  readonly retirementCount: bigint;
  readonly checkpoint: Checkpoint;
  readonly digest: string;
  readonly signatures: readonly StoredSignature[];
  readonly createdAt: Date;
}

export type Row = Selectable<CheckpointsTable>;

/** Roles of which no signature of a present holder is there. */
export function missingRoles({ signatures }: Pick<StoredCheckpoint, "signatures">): CheckpointRole[] {
  return CHECKPOINT_ROLES.filter((role) => !signatures.some((given) => given.role === role && given.isHolder));
}

export function isComplete(stored: StoredCheckpoint): boolean {
  return missingRoles(stored).length === 0;
}

/** @throws Problem `not-found` */
export async function readCheckpoint(db: Db, number: bigint): Promise<StoredCheckpoint> {
  const row = await db.selectFrom("checkpoints").selectAll().where("number", "=", number).executeTakeFirst();
  const [stored] = await withSignatures(db, row === undefined ? [] : [row]);
  if (stored === undefined) throw new Problem("not-found", `There is no checkpoint ${number}.`);
  return stored;
}

/** The newest that has all retirements up to this one. */
export async function newestCovering(db: Db, retirementId: bigint): Promise<StoredCheckpoint | null> {
  const row = await newestRow(db);
  if (row === undefined || row.retirement_count < retirementId) return null;
  return (await withSignatures(db, [row]))[0] ?? null;
}

/** The newest that both roles have signed; `forRetirement`: and that has it. */
export async function newestComplete(db: Db, forRetirement = 0n): Promise<StoredCheckpoint | null> {
  const row = await db
    .selectFrom("checkpoints as c")
    .selectAll()
    .where("retirement_count", ">=", forRetirement)
    .where(signaturesOfHolders, "=", BigInt(CHECKPOINT_ROLES.length))
    .orderBy("number", "desc")
    .limit(1)
    .executeTakeFirst();
  return (await withSignatures(db, row === undefined ? [] : [row]))[0] ?? null;
}

/** The first at this block or later. */
export async function firstFrom(db: Db, blockNumber: bigint): Promise<StoredCheckpoint | null> {
  const row = await db
    .selectFrom("checkpoints")
    .selectAll()
    .where("block_number", ">=", blockNumber)
    .orderBy("block_number")
    .limit(1)
    .executeTakeFirst();
  return (await withSignatures(db, row === undefined ? [] : [row]))[0] ?? null;
}

/** The first at this block or later that both roles have signed. */
export async function firstCompleteFrom(db: Db, blockNumber: bigint): Promise<StoredCheckpoint | null> {
  const row = await db
    .selectFrom("checkpoints as c")
    .selectAll()
    .where("block_number", ">=", blockNumber)
    .where(signaturesOfHolders, "=", BigInt(CHECKPOINT_ROLES.length))
    .orderBy("block_number")
    .limit(1)
    .executeTakeFirst();
  return (await withSignatures(db, row === undefined ? [] : [row]))[0] ?? null;
}

export function newestRow(db: Db): Promise<Row | undefined> {
  return db.selectFrom("checkpoints").selectAll().orderBy("number", "desc").limit(1).executeTakeFirst();
}

/** Adds what was signed to rows, in their order. */
export async function withSignatures(db: Db, rows: readonly Row[]): Promise<StoredCheckpoint[]> {
  if (rows.length === 0) return [];
  const numbers = rows.map(({ number }) => number);
  const [signatures, holders] = await Promise.all([
    db.selectFrom("checkpoint_signatures").selectAll().where("checkpoint", "in", numbers).orderBy("role").execute(),
    roleHolders(db),
  ]);
  return rows.map((row) => ({
    number: row.number,
    blockNumber: row.block_number,
    retirementCount: row.retirement_count,
    checkpoint: checkpointOf(row),
    digest: row.digest,
    createdAt: row.created_at,
    signatures: signatures
      .filter(({ checkpoint }) => checkpoint === row.number)
      .map(({ role, signer, signature }) => ({
        role: role as CheckpointRole,
        signer,
        signature,
        isHolder: holders.some((holder) => holder.role === role && holder.account === signer),
      })),
  }));
}

export function checkpointOf(row: Omit<Row, "digest" | "created_at">): Checkpoint {
  return {
    number: row.number.toString(),
    blockNumber: row.block_number.toString(),
    blockHash: row.block_hash,
    stateRoot: row.state_root,
    blockTimestamp: row.block_timestamp.toString(),
    retirementCount: row.retirement_count.toString(),
    logRoot: row.log_root,
    previous: row.previous,
  };
}

/** Who may sign checkpoints, as the chain has it, by role and address. `account` is EIP-55. */
export async function roleHolders(db: Db): Promise<{ readonly role: CheckpointRole; readonly account: string }[]> {
  const rows = await db
    .selectFrom("role_grants")
    .select(["role", "account"])
    .where("role", "in", CHECKPOINT_ROLES.map(numberText))
    .orderBy("account")
    .execute();
  return CHECKPOINT_ROLES.flatMap((role) =>
    rows.filter((row) => row.role === numberText(role)).map(({ account }) => ({ role, account })),
  );
}

function numberText(role: CheckpointRole): string {
  return roleNumber(role).toString();
}

/** How many roles have signed checkpoint `c` by an account that still holds the role. */
const signaturesOfHolders = sql<bigint>`(
  select count(*) from checkpoint_signatures s join role_grants g
    on g.account = s.signer and g.role = case s.role ${sql.join(
      CHECKPOINT_ROLES.map((role) => sql`when ${sql.lit(role)} then ${sql.lit(numberText(role))}`),
      sql` `,
    )} end
  where s.checkpoint = c.number)`;
