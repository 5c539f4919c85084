import { sql } from "kysely";

import type { Db, Session } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import { toInteger } from "../integers.js";
import { decodeCommands, encodeCommands, type AcceptedOrder, type MarketCommand } from "./commands.js";
import { MarketEngine, type EngineState } from "./engine.js";

/** Commands that became durable together. */
export interface LogGroup {
  /** Number of the first command. */
  readonly first: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly commands: readonly MarketCommand[];
}

/** How many rows of the log are read at once. */
const READ_LIMIT = 200;

/** Makes a group durable. @throws when the database is away, or another process writes the log, too */
export async function appendGroup(db: Db, { first, at, commands }: LogGroup): Promise<void> {
  await db
    .insertInto("market_log")
    .values({
      first_seq: BigInt(first),
      last_seq: BigInt(first + commands.length - 1),
      at: BigInt(at),
      commands: encodeCommands(commands),
    })
    .execute();
}

/** Whether exactly this group stands in the log. @throws LogConflictError when another one stands in its place */
export async function isAppended(db: Db, { first, commands }: LogGroup): Promise<boolean> {
  const row = await db
    .selectFrom("market_log")
    .select("commands")
    .where("first_seq", "=", BigInt(first))
    .executeTakeFirst();
  if (row === undefined) return false;
  if (row.commands !== encodeCommands(commands)) throw new LogConflictError(first);
  return true;
}

/** Two processes write the log: the markets have one writer. */
export class LogConflictError extends Error {
  constructor(seq: number) {
    super(`Another process wrote command ${seq} of the markets`);
    this.name = "LogConflictError";
  }
}

/** All groups after a command, in order. */
export async function* readLog(db: Db, after: number): AsyncIterableIterator<LogGroup> {
  let last = BigInt(after);
  for (;;) {
    const rows = await db
      .selectFrom("market_log")
      .selectAll()
      .where("first_seq", ">", last)
      .orderBy("first_seq")
      .limit(READ_LIMIT)
      .execute();
    for (const row of rows) {
      yield { first: toInteger(row.first_seq), at: toInteger(row.at), commands: decodeCommands(row.commands) };
      last = row.last_seq;
    }
    if (rows.length < READ_LIMIT) return;
  }
}

export async function appliedSeq(session: Session): Promise<number> {
  const { rows } = await sql<{ seq: bigint }>`select applied_seq as seq from market_applied where id = 1`.execute(
    session,
  );
  const [row] = rows;
  if (row === undefined) throw new Error("The table market_applied has no row");
  return toInteger(row.seq);
}

/** With its effects, in their transaction. Only the latest snapshot is kept. */
export async function writeSnapshot(session: Session, state: EngineState): Promise<void> {
  const { seq } = state;
  await Promise.all([
    sql`insert into market_snapshots (seq, state) values (${seq}, ${jsonText(state)}) on conflict (seq) do nothing`.execute(
      session,
    ),
    sql`delete from market_snapshots where seq < ${seq}`.execute(session),
  ]);
}

/** The engine as of the last snapshot; a fresh one when there is none. */
export async function restoreEngine(db: Db): Promise<MarketEngine> {
  const row = await db
    .selectFrom("market_snapshots")
    .select("state")
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return new MarketEngine();
  const state = JSON.parse(row.state) as EngineState;
  const orders = await readOrders(
    db,
    state.orders.map(([, hash]) => hash),
  );
  return MarketEngine.restore(state, orders);
}

interface KnownOrder {
  readonly order: AcceptedOrder;
  readonly createdAt: number;
}

async function readOrders(db: Db, hashes: readonly string[]): Promise<Map<string, KnownOrder>> {
  const rows = await db
    .selectFrom("orders")
    .selectAll()
    .where(sql<boolean>`hash in (select jsonb_array_elements_text(${jsonText(hashes)}::text::jsonb))`)
    .execute();
  return new Map(
    rows.map((row): [string, KnownOrder] => [
      row.hash,
      {
        createdAt: row.created_at.getTime(),
        order: {
          hash: row.hash,
          account: row.account,
          participantId: row.participant_id,
          batch: row.batch_code,
          side: row.side,
          type: row.kind,
          tonnes: toInteger(row.tonnes),
          minimumTonnes: toInteger(row.minimum_tonnes),
          price: toInteger(row.limit_price),
          maximumFee: row.maximum_fee_basis_points,
          nonce: toInteger(row.nonce),
          expiresAt: toInteger(row.expires_at),
          timeInForce: row.time_in_force,
          postOnly: row.post_only,
          selfTrade: row.self_trade,
          mode: row.mode === "put-through" ? "put-through" : "book",
          signature: row.signature,
          leavesAt: toInteger(row.leaves_at),
          selects: row.selects === null ? null : toInteger(row.selects),
          session: row.session,
        },
      },
    ]),
  );
}
