import { sql, type Transaction } from "kysely";

import { isDatabaseUnavailable, type Db } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import type { Database } from "../db/schema.js";
import type { Logger } from "../logger.js";
import type { Effects, EngineState, OrderRecord } from "./engine.js";
import { writeSnapshot } from "./log.js";
import type { AgreedTrade } from "./ports.js";

export interface EffectsOptions {
  readonly db: Db;
  readonly logger: Pick<Logger, "warn" | "error">;
  /** Writes trades with their operations. */
  readonly writeTrades: (trx: Transaction<Database>, trades: readonly AgreedTrade[]) => Promise<void>;
  /** After trades were committed. */
  readonly onTrades: () => void;
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
  readonly orders: Map<string, OrderRecord>;
  readonly trades: AgreedTrade[];
}

const emptyBatch = (): Batch => ({ seq: 0, commands: 0, orders: new Map(), trades: [] });

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
      const rows = jsonText([...current.orders.values()].map(rowOf));
      const state = options.snapshot(current.seq);
      if (!(await persist(current, rows, state))) return;
      written = current.seq;
      if (current.trades.length > 0) options.onTrades();
      current = undefined;
      for (const { resolve } of waiters.filter(({ seq }) => seq <= written)) resolve();
      waiters = waiters.filter(({ seq }) => seq > written);
    }
    running = undefined;
  }

  /** @returns false when the service stops first: the next start makes it again */
  async function persist(batch: Batch, rows: string, state: EngineState | undefined): Promise<boolean> {
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, LAST_RETRY_MS)) {
      try {
        await db.transaction().execute(async (trx) => {
          if (batch.orders.size > 0) await writeOrders(trx, rows);
          if (batch.trades.length > 0) await options.writeTrades(trx, batch.trades);
          await trx
            .updateTable("market_applied")
            .set({ applied_seq: BigInt(batch.seq) })
            .where("id", "=", 1)
            .execute();
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
      for (const record of effects.changed) next.orders.set(record.order.hash, record);
      next.trades.push(...effects.trades);
      running ??= run();
    },
    flushed: () =>
      added <= written ? Promise.resolve() : new Promise((resolve) => waiters.push({ seq: added, resolve })),
    pending: (hash) => next.orders.get(hash) ?? current?.orders.get(hash),
    backlog: () => next.commands + (current?.commands ?? 0),
    async stop() {
      isStopping = true;
      await running;
    },
  };
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
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

/** One parameter whatever the number of orders. @param rows JSON array of `rowOf` */
async function writeOrders(trx: Transaction<Database>, rows: string): Promise<void> {
  await sql`
    insert into orders (hash, number, account, participant_id, batch_code, side, kind, tonnes, minimum_tonnes, limit_price,
      maximum_fee_basis_points, nonce, expires_at, time_in_force, post_only, self_trade, mode, signature, leaves_at, selects, session,
      status, filled_tonnes, reason, created_at, updated_at)
    select hash, number, account, participant_id, batch_code, side, kind, tonnes, minimum_tonnes, limit_price,
      maximum_fee_basis_points, nonce, expires_at, time_in_force, post_only, self_trade, mode, signature, leaves_at, selects, session,
      status, filled_tonnes, reason, timestamptz 'epoch' + created_at * interval '1 millisecond',
      timestamptz 'epoch' + updated_at * interval '1 millisecond'
    from json_to_recordset(${rows}::text::json) as row(hash text, number int8, account text, participant_id int, batch_code text,
      side text, kind text, tonnes int8, minimum_tonnes int8, limit_price numeric, maximum_fee_basis_points int, nonce int8,
      expires_at int8, time_in_force text, post_only boolean, self_trade text, mode text, signature text, leaves_at int8, selects int8,
      session text, status text, filled_tonnes int8, reason text, created_at int8, updated_at int8)
    on conflict (hash) do update set status = excluded.status, filled_tonnes = excluded.filled_tonnes, reason = excluded.reason,
      updated_at = excluded.updated_at`.execute(trx);
}
