import { Transaction as SignedTransaction, ZeroAddress } from "ethers";
import { sql, type Transaction } from "kysely";

import type { Db, Session } from "../../db/connection.js";
import { copyRows } from "../../db/copy.js";
import type { JsonObject, Lane } from "../../db/inbox-tables.js";
import { jsonText } from "../../db/json.js";
import { inPipeline, pipelined } from "../../db/pipeline.js";
import type { Database } from "../../db/schema.js";
import type { ProblemDocument } from "../../errors.js";
import type { CallPayload } from "./payloads.js";

/** An accepted operation on its way into a transaction. */
export interface QueuedOperation {
  readonly id: string;
  readonly kind: string;
  readonly intentHash: string | null;
  readonly payload: JsonObject;
}

/** A signed transaction whose fate is open. */
export interface StoredTransaction {
  readonly hash: string;
  readonly sender: string;
  readonly nonce: bigint;
  readonly raw: string;
  readonly lane: Lane;
}

/** What became of an operation. `accepted` puts it back into the queue. */
export type Fate = { readonly id: string; readonly txHash: string | null; readonly blockNumber: bigint | null } & (
  | { readonly status: "final"; readonly result: object }
  | { readonly status: "rejected"; readonly problem: ProblemDocument }
  | { readonly status: "accepted" }
);

/** The fate of the transaction that carried them. */
export interface TransactionFate {
  readonly hash: string;
  readonly status: "final" | "failed" | "superseded";
  readonly blockNumber: bigint | null;
  /** No other version of it was ever signed: there is nothing to set aside. */
  readonly isOnly?: boolean;
}

/** Another sender took some of the operations: there must be one sender per lane. */
export class SenderConflictError extends Error {
  constructor(lane: string) {
    super(`Another process sends the operations of lane ${lane}`);
    this.name = "SenderConflictError";
  }
}

/** Where a lane keeps its operations. */
export interface LaneStore {
  /** Marks what signed transactions carry, which are written down before it. @returns how many were accepted and not sent yet */
  markSent(session: Session, carrying: readonly Carrying[]): Promise<number>;
  /** In the order of the transaction's calls. */
  carriedBy(hash: string): Promise<QueuedOperation[]>;
  /** As the function `settle`. */
  settle(fates: readonly Fate[], transactions?: readonly TransactionFate[]): Promise<Fate[]>;
}

/** The table `operations`. */
export function operationStore(db: Db): LaneStore {
  return {
    markSent,
    carriedBy: (hash) => carriedOperations(db, hash),
    settle: (fates, transactions) => settle(db, fates, transactions),
  };
}

/** The oldest accepted operations of a lane, in the order of acceptance. */
export async function takeAccepted(db: Db, lane: Lane, limit: number): Promise<QueuedOperation[]> {
  const rows = await db
    .selectFrom("operations")
    .select(["id", "kind", "intent_hash", "payload"])
    .where("lane", "=", lane)
    .where("status", "=", sql.lit("accepted"))
    .orderBy("seq")
    .limit(limit)
    .execute();
  return rows.map((row) => ({ id: row.id, kind: row.kind, intentHash: row.intent_hash, payload: row.payload }));
}

/** A signed transaction with the operations that it carries, in the order of its calls. */
export interface Carrying {
  readonly transaction: StoredTransaction;
  readonly operationIds: readonly string[];
}

/**
 * Writes signed transactions of one lane down with the operations that they carry, all or nothing. Only after this may they be broadcast.
 * @throws SenderConflictError
 */
export async function persistSigned(db: Db, carrying: readonly Carrying[], mark = markSent): Promise<void> {
  const count = carrying.reduce((sum, { operationIds }) => sum + operationIds.length, 0);
  await db.transaction().execute(async (trx) => {
    const [, marked] = await pipelined(trx, async (session) =>
      Promise.all([insertTransactions(session, carrying), mark(session, carrying)]),
    );
    if (marked !== count) throw new SenderConflictError(carrying[0]?.transaction.lane ?? "");
  });
}

/** Of a group: the transaction that all were sent in, or, where there are several, the one of each. */
const SENT_IN = sql`case when count(distinct coalesce(tx_hash, '')) = 1 then min(tx_hash) end,
  case when count(distinct coalesce(tx_hash, '')) > 1 then array_agg(tx_hash order by seq) end`;

async function markSent(session: Session, carrying: readonly Carrying[]): Promise<number> {
  const carried = carrying.flatMap(({ transaction: { hash: tx }, operationIds }) =>
    operationIds.map((id) => ({ id, tx })),
  );
  // One parameter whatever the number of operations: both drivers are slow with many, and the text of the statement stays the same.
  const { rows } = await sql<{ marked: number }>`
    with marked as (
      update operations set status = 'sent', tx_hash = carried.tx, updated_at = now()
      from json_to_recordset(${jsonText(carried)}::text::json) as carried(id text, tx text)
      where operations.id = carried.id and status = 'accepted'
      returning seq, operations.tx_hash),
    logged as (
      insert into operation_log (status, operations, tx_hash, tx_hashes)
      select 'sent', array_agg(seq order by seq), ${SENT_IN} from marked having count(*) > 0)
    select count(*)::int4 as marked from marked`.execute(session);
  return rows[0]?.marked ?? 0;
}

/** The same nonce again with other fees: the old version is kept, because it may still be the one that is mined. */
export async function replaceSigned(db: Db, oldHash: string, transaction: StoredTransaction): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const operationIds = await operationsOf(trx, oldHash);
    await trx.updateTable("transactions").set({ status: "superseded" }).where("hash", "=", oldHash).execute();
    await pipelined(trx, (session) => insertTransactions(session, [{ transaction, operationIds }]));
    await trx
      .updateTable("operations")
      .set({ tx_hash: transaction.hash })
      .where("id", "in", operationIds)
      .where("tx_hash", "=", oldHash)
      .execute();
  });
}

/** Signed transactions whose fate is open, in the order of their nonces. */
export async function openTransactions(db: Db, lane: Lane): Promise<StoredTransaction[]> {
  return db
    .selectFrom("transactions")
    .select(["hash", "sender", "nonce", "raw", "lane"])
    .where("lane", "=", lane)
    .where("status", "=", sql.lit("signed"))
    .orderBy("sender")
    .orderBy("nonce")
    .execute();
}

/** Hashes of every version of a transaction, the newest first. */
export async function versionsOf(db: Db, { sender, nonce }: StoredTransaction): Promise<string[]> {
  const { rows } = await sql<{ hash: string }>`
    select hash, seq from transactions where sender = ${sender} and nonce = ${nonce}::int8 and status <> 'superseded'
    union all
    select hash, seq from transactions where sender = ${sender} and nonce = ${nonce}::int8 and status = 'superseded'
    order by seq desc`.execute(db);
  return rows.map((row) => row.hash);
}

/** What a transaction of ours calls, and with how much gas. */
export async function sentCall(db: Db, hash: string): Promise<CallPayload & { readonly gasLimit: bigint }> {
  const { raw } = await db.selectFrom("transactions").select("raw").where("hash", "=", hash).executeTakeFirstOrThrow();
  const { to, data, gasLimit } = SignedTransaction.from(raw);
  return { to: to ?? ZeroAddress, data, gasLimit };
}

/** Operations of a transaction, in the order of its calls. */
export async function carriedOperations(db: Db, hash: string): Promise<QueuedOperation[]> {
  const rows = await db
    .selectFrom("transaction_operations")
    .innerJoin("operations", "operations.id", "transaction_operations.operation_id")
    .select(["operations.id", "kind", "intent_hash", "payload"])
    .where("transaction_operations.tx_hash", "=", hash)
    .orderBy("position")
    .execute();
  return rows.map((row) => ({ id: row.id, kind: row.kind, intentHash: row.intent_hash, payload: row.payload }));
}

/** Hash of a block as the read model knows it; null when it does not. */
export async function appliedHash(db: Db, blockNumber: bigint): Promise<string | null> {
  const row = await db.selectFrom("blocks").select("hash").where("number", "=", blockNumber).executeTakeFirst();
  return row?.hash ?? null;
}

/** The nonce after the greatest that this service has signed with; zero when there is none. */
export async function nonceAfterSigned(db: Db, sender: string): Promise<bigint> {
  const row = await db
    .selectFrom("transactions")
    .select("nonce")
    .where("sender", "=", sender)
    .where("status", "<>", sql.lit("superseded"))
    .orderBy("nonce", "desc")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? 0n : row.nonce + 1n;
}

/**
 * Writes fates down with those of the transactions that carried them, all or nothing. An operation that has come to its end keeps it: a
 * fate is given once.
 * @returns The operations that came to their end now.
 */
export async function settle(
  db: Db,
  fates: readonly Fate[],
  transactions: readonly TransactionFate[] = [],
): Promise<Fate[]> {
  return inPipeline(db, async (session) => {
    const closed = closeTransactions(session, transactions);
    if (fates.length === 0) {
      await closed;
      return [];
    }
    const rows = fates.map((fate) => ({
      id: fate.id,
      status: fate.status,
      tx_hash: fate.txHash,
      block_number: fate.blockNumber?.toString() ?? null,
      result: fate.status === "final" ? fate.result : null,
      problem: fate.status === "rejected" ? fate.problem : null,
    }));
    const settled = sql<{ id: string }>`
      with changed as (
        update operations set status = fate.status, tx_hash = fate.tx_hash, block_number = fate.block_number,
          result = fate.result, problem = fate.problem, updated_at = now()
        from json_to_recordset(${jsonText(rows)}::text::json)
          as fate(id text, status text, tx_hash text, block_number int8, result jsonb, problem jsonb)
        where operations.id = fate.id and operations.status in ('accepted', 'sent')
        returning operations.id, operations.seq, operations.status, operations.tx_hash),
      logged as (
        insert into operation_log (status, operations, tx_hash, tx_hashes)
        select status, array_agg(seq order by seq), ${SENT_IN} from changed where status <> 'accepted' group by status
        order by min(seq))
      select id from changed`.execute(session);
    const [{ rows: changed }] = await Promise.all([settled, closed]);
    const ids = new Set(changed.map((row) => row.id));
    return fates.filter((fate) => fate.status !== "accepted" && ids.has(fate.id));
  });
}

async function insertTransactions(session: Session, carrying: readonly Carrying[]): Promise<void> {
  const transactions = carrying.map(({ transaction: { hash, sender, nonce, raw, lane } }) => {
    return { hash, sender, nonce, raw, lane };
  });
  const carried = carrying.flatMap(({ transaction: { hash: tx_hash }, operationIds }) =>
    operationIds.map((operation_id, position) => ({ tx_hash, position, operation_id })),
  );
  await Promise.all([
    copyRows(session, "transactions", transactions),
    copyRows(session, "transaction_operations", carried),
  ]);
}

async function operationsOf(trx: Transaction<Database>, hash: string): Promise<string[]> {
  const rows = await trx
    .selectFrom("transaction_operations")
    .select("operation_id")
    .where("tx_hash", "=", hash)
    .orderBy("position")
    .execute();
  return rows.map((row) => row.operation_id);
}

/** At most one version of a nonce is not superseded, at every moment: the others are set aside first. */
export async function closeTransactions(session: Session, fates: readonly TransactionFate[]): Promise<void> {
  if (fates.length === 0) return;
  const versions = fates.filter(({ isOnly }) => isOnly !== true).map(({ hash }) => hash);
  const supersession =
    versions.length === 0
      ? undefined
      : sql`
      update transactions set status = 'superseded' from transactions mined
      where mined.hash in (select json_array_elements_text(${jsonText(versions)}::text::json))
        and transactions.sender = mined.sender and transactions.nonce = mined.nonce and transactions.hash <> mined.hash
        and transactions.status <> 'superseded'`.execute(session);
  const rows = fates.map(({ hash, status, blockNumber }) => ({ hash, status, block: blockNumber?.toString() ?? null }));
  const closing = sql`json_to_recordset(${jsonText(rows)}::text::json) as closing(hash text, status text, block int8)`;
  const closure = sql`
    update transactions set status = closing.status, block_number = closing.block from ${closing}
    where transactions.hash = closing.hash`.execute(session);
  await Promise.all([supersession, closure]);
}
