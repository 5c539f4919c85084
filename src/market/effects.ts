import { sql, type Transaction } from "kysely";

import { isDatabaseUnavailable, type Db } from "../db/connection.js";
import { copyRows } from "../db/copy.js";
import { jsonText } from "../db/json.js";
import type { Database } from "../db/schema.js";
import type { Logger } from "../logger.js";
import type { Effects, EngineState, EngineTrade, OrderRecord } from "./engine.js";
import { writeSnapshot } from "./log.js";
import type { AgreedTrade } from "./ports.js";

export interface EffectsOptions {
  readonly db: Db;
  readonly logger: Pick<Logger, "warn" | "error">;
  /** Writes trades that are not there yet. */
  readonly writeTrades: (trx: Transaction<Database>, trades: readonly AgreedTrade[]) => Promise<void>;
  /** After trades were committed. */
  readonly onTrades: (trades: readonly EngineTrade[]) => void;
  /** The state for a snapshot when one is due after this command, as of now. */
  readonly snapshot: (seq: number) => EngineState | undefined;
}

/** Writes what the log brought about, behind the acknowledgements: it can be made again from the log at any time. */
export interface EffectsWriter {
  add(effects: Effects): void;
  /** Resolves once everything that was added before is written. */
  flushed(): Promise<void>;
  /** The record of an order whose last change is not written yet. */
  pending(hash: string): OrderRecord | undefined;
  /** How many commands are not written yet. */
  backlog(): number;
  stop(): Promise<void>;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

interface Batch {
  seq: number;
  commands: number;
  /** Orders that these commands brought: they have no row yet. */
  readonly placed: Map<string, OrderRecord>;
  /** Orders of earlier commands that these changed. */
  readonly changed: Map<string, OrderRecord>;
  readonly trades: EngineTrade[];
}

const emptyBatch = (): Batch => ({ seq: 0, commands: 0, placed: new Map(), changed: new Map(), trades: [] });

/** Rows of the orders of a batch, as they are in the turn in which it is written. */
interface OrderRows {
  readonly placed: readonly object[];
  readonly changed: readonly object[];
}

export function createEffectsWriter(options: EffectsOptions): EffectsWriter {
  const { db, logger } = options;
  let next = emptyBatch();
  let current: Batch | undefined;
  let running: Promise<void> | undefined;
  let isStopping = false;
  let waiters: { readonly seq: number; readonly resolve: () => void }[] = [];
  let written = 0;
  let added = 0;

  async function run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (next.commands > 0) {
      current = next;
      next = emptyBatch();
      // What is written is what is true now, in this turn; later changes come with later commands.
      const rows: OrderRows = {
        placed: [...current.placed.values()].map(rowOf),
        changed: [...current.changed.values()].map(changeOf),
      };
      const state = options.snapshot(current.seq);
      if (!(await persist(current, rows, state))) return;
      written = current.seq;
      if (current.trades.length > 0) options.onTrades(current.trades);
      current = undefined;
      for (const { resolve } of waiters.filter(({ seq }) => seq <= written)) resolve();
      waiters = waiters.filter(({ seq }) => seq > written);
    }
    running = undefined;
  }

  /** @returns false when the service stops first: the next start makes it again */
  async function persist(batch: Batch, rows: OrderRows, state: EngineState | undefined): Promise<boolean> {
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, LAST_RETRY_MS)) {
      try {
        await db.transaction().execute(async (trx) => {
          // An earlier try may have been committed, and only its acknowledgement be lost.
          if (!(await advance(trx, batch.seq))) return;
          await copyRows(trx, "orders", rows.placed);
          if (rows.changed.length > 0) await updateOrders(trx, rows.changed);
          if (batch.trades.length > 0) await options.writeTrades(trx, batch.trades);
          if (state !== undefined) await writeSnapshot(trx, state);
        });
        return true;
      } catch (error) {
        const details = { err: error, seq: batch.seq, retryInMs: pause };
        if (isDatabaseUnavailable(error)) logger.warn(details, "The database is away: orders and trades wait for it");
        else logger.error(details, "Orders and trades could not be written; tried again");
        if (isStopping) return false;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  return {
    add(effects) {
      next.seq = effects.seq;
      next.commands += 1;
      added = effects.seq;
      if (effects.placed !== null) next.placed.set(effects.placed.order.hash, effects.placed);
      for (const record of effects.changed) {
        const { hash } = record.order;
        if (!next.placed.has(hash)) next.changed.set(hash, record);
      }
      next.trades.push(...effects.trades);
      running ??= run();
    },
    flushed: () =>
      added <= written ? Promise.resolve() : new Promise((resolve) => waiters.push({ seq: added, resolve })),
    pending: (hash) => recordIn(next, hash) ?? (current === undefined ? undefined : recordIn(current, hash)),
    backlog: () => next.commands + (current?.commands ?? 0),
    async stop() {
      isStopping = true;
      await running;
    },
  };
}

function recordIn({ placed, changed }: Batch, hash: string): OrderRecord | undefined {
  return placed.get(hash) ?? changed.get(hash);
}

/** @returns false when that has happened already */
async function advance(trx: Transaction<Database>, seq: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("market_applied")
    .set({ applied_seq: BigInt(seq) })
    .where("id", "=", 1)
    .where("applied_seq", "<", BigInt(seq))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

function rowOf({ order, number, createdAt, filledTonnes, status, reason, updatedAt }: OrderRecord) {
  return {
    hash: order.hash,
    number,
    account: order.account,
    participant_id: order.participantId,
    batch_code: order.batch,
    side: order.side,
    kind: order.type,
    tonnes: order.tonnes,
    minimum_tonnes: order.minimumTonnes,
    limit_price: order.price,
    maximum_fee_basis_points: order.maximumFee,
    nonce: order.nonce,
    expires_at: order.expiresAt,
    time_in_force: order.timeInForce,
    post_only: order.postOnly,
    self_trade: order.selfTrade,
    mode: order.mode,
    signature: order.signature,
    leaves_at: order.leavesAt,
    selects: order.selects,
    session: order.session,
    status,
    filled_tonnes: filledTonnes,
    reason,
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(updatedAt).toISOString(),
  };
}

/** All of an order that ever changes. */
function changeOf({ order, filledTonnes, status, reason, updatedAt }: OrderRecord) {
  return { hash: order.hash, status, filled_tonnes: filledTonnes, reason, updated_at: updatedAt };
}

/** One parameter whatever the number of orders: both drivers are slow with many. @param rows Of `changeOf` */
async function updateOrders(trx: Transaction<Database>, rows: readonly object[]): Promise<void> {
  await sql`
    update orders set status = row.status, filled_tonnes = row.filled_tonnes, reason = row.reason,
      updated_at = timestamptz 'epoch' + row.updated_at * interval '1 millisecond'
    from json_to_recordset(${jsonText(rows)}::text::json)
      as row(hash text, status text, filled_tonnes int8, reason text, updated_at int8)
    where orders.hash = row.hash`.execute(trx);
}
