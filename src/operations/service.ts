import { randomBytes } from "node:crypto";

import { sql } from "kysely";

import type { Db } from "../db/connection.js";
import { grouped } from "../db/grouped.js";
import { findOperationByKey, type Idempotency } from "../db/idempotency.js";
import type { Lane, OperationStatus } from "../db/inbox-tables.js";
import { jsonText } from "../db/json.js";
import { findIntent } from "../ledger/read/chain.js";
import { createIntake, type NewOperation } from "./intake.js";
import { operationOnChain, readStory, type Story } from "./story.js";
import { findTradeOperations, listTradeOperations } from "./trade-operations.js";
import { toView, VIEW_COLUMNS, type OperationRow, type OperationView } from "./view.js";
import { createWaiters } from "./waiters.js";

export type { NewDocument, NewOperation } from "./intake.js";
export { TRADE_SENT, TRADE_VIEW } from "./trade-operations.js";
export { toView, VIEW_COLUMNS, type OperationRow, type OperationView } from "./view.js";

export interface OperationFilter {
  readonly status?: OperationStatus | undefined;
  readonly kind?: string | undefined;
  readonly account?: string | undefined;
  readonly participantId?: number | undefined;
  readonly txHash?: string | undefined;
  /** Accepted at or after. */
  readonly since?: Date | undefined;
}

/** An operation and its place in the order of acceptance. */
export interface ListedOperation {
  readonly seq: bigint;
  readonly view: OperationView;
}

/** The fate of everything that was accepted. */
export interface Operations {
  /**
   * Makes an operation durable; resolves after the commit. The same id again is the same operation, whoever sends it.
   * @returns the operation's id
   * @throws Problem `idempotency-in-progress` when another request took the idempotency key meanwhile
   */
  accept(operation: NewOperation): Promise<string>;
  /**
   * Accepts like `accept`, but only what is new.
   * @param nonce Nothing is written either when the read model knows a use of this nonce of the account.
   * @returns Whether it was accepted now.
   */
  acceptNew(operation: NewOperation, nonce: string): Promise<boolean>;
  /** @throws Problem `idempotency-conflict` when the key stands for another request */
  findByKey(idempotency: Idempotency): Promise<string | undefined>;
  get(id: string): Promise<OperationView | undefined>;
  /** As `get`; and an intent that the chain has executed, though nobody asked this service for it, is known too. */
  find(id: string): Promise<OperationView | undefined>;
  /** True when the read model has the intent of this hash as executed. */
  isExecuted(id: string): Promise<boolean>;
  /** All that happened to an operation, in order. It knows what `find` knows. */
  story(id: string): Promise<Story | undefined>;
  /** The operation as it was accepted in this turn of the event loop: what whoever asked for it is answered, without a question to the database. */
  asAccepted(id: string): OperationView | undefined;
  /** The operation once it is final or rejected, or as it is when the time is up or the signal aborts. */
  wait(id: string, seconds: number, signal?: AbortSignal): Promise<OperationView | undefined>;
  /** The newest first. @param before Only those accepted before this place. */
  list(filter: OperationFilter, limit: number, before?: bigint): Promise<ListedOperation[]>;
  /** The outbox calls it when operations have ended. */
  settled(ids: readonly string[]): void;
}

export interface OperationsOptions {
  readonly db: Db;
  /** Tells the outbox that a lane has something new; called after the commit. */
  readonly kick: (lane: Lane) => void;
}

/** The most operations that are looked up in one query. */
const GROUP_LIMIT = 200;

export function createOperations({ db, kick }: OperationsOptions): Operations {
  const intake = createIntake(db);
  const waiters = createWaiters(db);

  const get = grouped(GROUP_LIMIT, (ids: readonly string[]) => findByIds(db, ids));

  /** What was accepted in this turn of the event loop. */
  const fresh = new Map<string, OperationView>();

  async function write(operation: NewOperation): Promise<boolean> {
    const writtenAt = await intake(operation);
    if (writtenAt === null) return false;
    if (fresh.size === 0) setImmediate(() => fresh.clear());
    fresh.set(operation.id, toView(rowOf(operation, writtenAt)));
    return true;
  }

  return {
    async accept(operation) {
      await write(operation);
      kick(operation.lane);
      return operation.id;
    },

    async acceptNew(operation, nonce) {
      const isNew = await write({ ...operation, unlessUsed: nonce });
      if (isNew) kick(operation.lane);
      return isNew;
    },

    findByKey: (idempotency) => findOperationByKey(db, idempotency),

    get,

    find: async (id) => (await get(id)) ?? operationOnChain(db, id),

    isExecuted: async (id) => (await findIntent(db, id)) !== null,

    story: (id) => readStory(db, id),

    asAccepted: (id) => fresh.get(id),

    async wait(id, seconds, signal) {
      const patience = new AbortController();
      const either = signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal]);
      const ended = waiters.wait(id, seconds * 1_000, either);
      const now = await get(id);
      if (now === undefined || now.status === "final" || now.status === "rejected") {
        patience.abort();
        return now;
      }
      await ended;
      return get(id);
    },

    async list(filter, limit, before) {
      const [rows, trades] = await Promise.all([
        filtered(db, filter, before).orderBy("seq", "desc").limit(limit).execute(),
        listTradeOperations(db, filter, limit, before),
      ]);
      // All are numbered in one row.
      const all: OperationRow[] = [...rows, ...trades].toSorted((a, b) => (a.seq < b.seq ? 1 : -1));
      return all.slice(0, limit).map((row) => ({ seq: row.seq, view: toView(row) }));
    },

    settled: (ids) => waiters.notify(ids),
  };
}

/** As it was written. */
function rowOf(operation: NewOperation, writtenAt: Date): Omit<OperationRow, "seq"> {
  return {
    id: operation.id,
    kind: operation.kind,
    status: "accepted",
    account: operation.account ?? null,
    participant_id: operation.participantId ?? null,
    role: operation.role ?? null,
    intent_hash: operation.intentHash ?? null,
    tx_hash: null,
    block_number: null,
    result: null,
    problem: null,
    created_at: writtenAt,
    updated_at: writtenAt,
  };
}

/** In the order of the ids. */
async function findByIds(db: Db, ids: readonly string[]): Promise<(OperationView | undefined)[]> {
  // One parameter whatever the number of ids: both drivers are slow with many.
  const isAsked = sql<boolean>`id in (select jsonb_array_elements_text(${jsonText(ids)}::text::jsonb))`;
  const rows = await db.selectFrom("operations").select(VIEW_COLUMNS).where(isAsked).execute();
  const views = new Map(rows.map((row) => [row.id, toView(row)]));
  const others = ids.filter((id) => !views.has(id));
  if (others.length > 0) for (const row of await findTradeOperations(db, others)) views.set(row.id, toView(row));
  return ids.map((id) => views.get(id));
}

function filtered(db: Db, filter: OperationFilter, before: bigint | undefined) {
  let query = db.selectFrom("operations").select(VIEW_COLUMNS);
  if (filter.status !== undefined) query = query.where("status", "=", filter.status);
  if (filter.kind !== undefined) query = query.where("kind", "=", filter.kind);
  if (filter.account !== undefined) query = query.where("account", "=", filter.account);
  if (filter.participantId !== undefined) query = query.where("participant_id", "=", filter.participantId);
  if (filter.txHash !== undefined) {
    const { txHash } = filter;
    const ours = db.selectFrom("transaction_operations").select("operation_id").where("tx_hash", "=", txHash);
    // An intent may have been relayed by somebody else; the id of its operation is its hash.
    const relayed = db.selectFrom("intents").select("hash").where("tx_hash", "=", txHash);
    query = query.where("tx_hash", "=", txHash).where((eb) => eb.or([eb("id", "in", ours), eb("id", "in", relayed)]));
  }
  if (filter.since !== undefined) query = query.where("created_at", ">=", filter.since);
  if (before !== undefined) query = query.where("seq", "<", before);
  return query;
}

/** An id for an operation that has no hash of its own: UUID version 7 (RFC 9562), which sorts by time. */
export function newOperationId(now: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
