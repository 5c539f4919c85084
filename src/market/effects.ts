import { sql } from "kysely";

import { isDatabaseUnavailable, type Db, type Session } from "../db/connection.js";
import { copyRows } from "../db/copy.js";
import { jsonText } from "../db/json.js";
import { pipelined } from "../db/pipeline.js";
import type { Logger } from "../logger.js";
import type { Effects, EngineState, EngineTrade, OrderRecord } from "./engine.js";
import { appliedSeq, writeSnapshot } from "./log.js";
import type { AgreedTrade } from "./ports.js";

export interface EffectsOptions {
  readonly db: Db;
  readonly logger: Pick<Logger, "warn" | "error">;
  /** Writes trades that are not there yet. */
  readonly writeTrades: (session: Session, trades: readonly AgreedTrade[]) => Promise<void>;
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

/** The rest after a write, as a multiple of what it took: each costs as much as the next few orders, and under load they gather meanwhile. */
const REST_PER_WRITE = 1;
const LONGEST_REST_MS = 50;
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
  let endRest: (() => void) | undefined;
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
      const began = performance.now();
      if (!(await persist(current, rows, state))) return;
      const took = performance.now() - began;
      written = current.seq;
      if (current.trades.length > 0) options.onTrades(current.trades);
      current = undefined;
      for (const { resolve } of waiters.filter(({ seq }) => seq <= written)) resolve();
      waiters = waiters.filter(({ seq }) => seq > written);
      if (waiters.length === 0) await rest(Math.min(REST_PER_WRITE * took, LONGEST_REST_MS));
    }
    running = undefined;
  }

  /** Until the time is over, or somebody waits for what is not written. */
  async function rest(milliseconds: number): Promise<void> {
    if (isStopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    endRest = undefined;
  }

  /** @returns false when the service stops first: the next start makes it again */
  async function persist(batch: Batch, rows: OrderRows, state: EngineState | undefined): Promise<boolean> {
    let isRepeated = false;
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, LAST_RETRY_MS)) {
      try {
        await db.transaction().execute(async (trx) => {
          // An earlier try may have been committed, and only its acknowledgement be lost.
          if (isRepeated && (await appliedSeq(trx)) >= batch.seq) return;
          await pipelined(trx, (session) => writeAll(session, batch, rows, state));
        });
        return true;
      } catch (error) {
        const details = { err: error, seq: batch.seq, retryInMs: pause };
        if (isDatabaseUnavailable(error)) logger.warn(details, "The database is away: orders and trades wait for it");
        else logger.error(details, "Orders and trades could not be written; tried again");
        if (isStopping) return false;
        isRepeated = true;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  async function writeAll(
    session: Session,
    batch: Batch,
    rows: OrderRows,
    state: EngineState | undefined,
  ): Promise<void> {
    await Promise.all([
      // First, because its numbers are waited for.
      options.writeTrades(session, batch.trades),
      copyRows(session, "orders", rows.placed),
      updateOrders(session, rows.changed),
      advance(session, batch.seq),
      state === undefined ? undefined : writeSnapshot(session, state),
    ]);
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
      added <= written
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiters.push({ seq: added, resolve });
            endRest?.();
          }),
    pending: (hash) => recordIn(next, hash) ?? (current === undefined ? undefined : recordIn(current, hash)),
    backlog: () => next.commands + (current?.commands ?? 0),
    async stop() {
      isStopping = true;
      endRest?.();
      await running;
    },
  };
}

function recordIn({ placed, changed }: Batch, hash: string): OrderRecord | undefined {
  return placed.get(hash) ?? changed.get(hash);
}

/** @throws Error when that has happened already */
async function advance(session: Session, seq: number): Promise<void> {
  const { numAffectedRows } = await sql`
    update market_applied set applied_seq = ${seq} where id = 1 and applied_seq < ${seq}`.execute(session);
  if (numAffectedRows !== 1n) throw new Error(`The effects of command ${seq} are written already`);
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
async function updateOrders(session: Session, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    update orders set status = row.status, filled_tonnes = row.filled_tonnes, reason = row.reason,
      updated_at = timestamptz 'epoch' + row.updated_at * interval '1 millisecond'
    from json_to_recordset(${jsonText(rows)}::text::json)
      as row(hash text, status text, filled_tonnes int8, reason text, updated_at int8)
    where orders.hash = row.hash`.execute(session);
}
