import { sql } from "kysely";

import type { LedgerEvent } from "../chain/event-types.js";
import type { BlockHeader } from "../chain/source.js";
import type { Db, Session } from "../db/connection.js";
import { copyRows } from "../db/copy.js";
import { inPipeline, pipelined } from "../db/pipeline.js";
import { FOLDED_TABLES } from "./fold-state.js";
import { foldEvents, readState } from "./fold.js";
import type { RowMemory } from "./row-memory.js";

/** How far the read model is. */
export interface Position {
  readonly blockNumber: bigint;
  readonly blockHash: string;
}

/** Another process applied blocks meanwhile; look again. */
export class PositionMovedError extends Error {
  constructor() {
    super("The read model's position was moved by another process");
    this.name = "PositionMovedError";
  }
}

/** The read model was filled from other contracts. A person must act: rebuild it, or correct the deployment manifest. */
export class ForeignReadModelError extends Error {
  constructor(stored: string, wanted: string) {
    super(
      `The read model was filled from other contracts (${stored}, not ${wanted}): run the rebuild, or use the right manifest`,
    );
    this.name = "ForeignReadModelError";
  }
}

/** Blocks in a row, with the ledger's events in them. */
export interface BlockRange {
  readonly headers: readonly BlockHeader[];
  readonly events: readonly LedgerEvent[];
}

/** Events folded at once when the tables are filled again. */
const EVENTS_AT_ONCE = 2_000;

/**
 * Where the read model stands; `null` when it is empty.
 * @throws ForeignReadModelError
 */
export async function readPosition(db: Db, deployment: string): Promise<Position | null> {
  const row = await db.selectFrom("cursor").selectAll().where("id", "=", 1).executeTakeFirst();
  if (row === undefined) return null;
  if (row.deployment !== deployment) throw new ForeignReadModelError(row.deployment, deployment);
  return { blockNumber: row.block_number, blockHash: row.block_hash };
}

/**
 * Applies blocks that follow `from`: headers, events, derived tables and position, all or nothing.
 * @param memory What is known of the rows at `from`, and afterwards of those at the last block.
 * @throws PositionMovedError when the read model is not at `from` any more.
 */
export async function applyRange(
  db: Db,
  deployment: string,
  from: Position | null,
  range: BlockRange,
  memory: RowMemory,
): Promise<Position> {
  const last = range.headers.at(-1);
  if (last === undefined) throw new RangeError("a range has at least one block");
  const to: Position = { blockNumber: last.number, blockHash: last.hash };
  memory.begin(from?.blockHash ?? null);
  try {
    await inPipeline(db, async (session) => {
      const timestamps = new Map(range.headers.map(({ number, timestamp }) => [number, timestamp]));
      const beside = [
        () => insertEvents(session, range.events),
        () => insertHeaders(session, range.headers),
        () => setPosition(session, deployment, to),
      ];
      // Events that follow on another position would seem to contradict what the tables say.
      const [state] = await Promise.all([
        readState(session, range.events, timestamps, memory),
        lockPosition(session, from),
      ]);
      await foldEvents(state, range.events, beside);
    });
  } catch (error) {
    memory.forget();
    throw error;
  }
  memory.keep(to.blockHash);
  return to;
}

/** Forgets all blocks above `to`, and derives the tables anew from the events that remain. Exact, because it is what a rebuild does. */
export async function rollBack(db: Db, deployment: string, from: Position, to: Position): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lockPosition(trx, from);
    await trx.deleteFrom("blocks").where("number", ">", to.blockNumber).execute();
    await trx.deleteFrom("events").where("block_number", ">", to.blockNumber).execute();
    await refold(trx);
    await setPosition(trx, deployment, to);
  });
}

/** Empties the derived tables and fills them from the stored events. To be called inside a transaction. */
export async function refold(trx: Db): Promise<void> {
  await clearDerived(trx);
  let from = -1n;
  for (;;) {
    const page = await nextEvents(trx, from);
    const last = page.at(-1);
    if (last === undefined) return;
    const timestamps = await timestampsOf(trx, page[0]?.blockNumber ?? 0n, last.blockNumber);
    await pipelined(trx, async (session) => foldEvents(await readState(session, page, timestamps), page));
    from = last.blockNumber;
  }
}

/** Forgets everything that came from the chain. To be called inside a transaction. */
export async function clearReadModel(trx: Db): Promise<void> {
  await clearDerived(trx);
  await trx.deleteFrom("events").execute();
  await trx.deleteFrom("blocks").execute();
  await trx.deleteFrom("cursor").execute();
}

async function clearDerived(trx: Db): Promise<void> {
  for (const table of Object.keys(FOLDED_TABLES)) await sql`delete from ${sql.table(table)}`.execute(trx);
}

/** Whole blocks of events above a block, in chain order; few when blocks are small, at least one block otherwise. */
async function nextEvents(db: Db, above: bigint): Promise<LedgerEvent[]> {
  const order = db.selectFrom("events").where("block_number", ">", above).orderBy("block_number").orderBy("log_index");
  const first = await order.select("block_number").limit(1).executeTakeFirst();
  if (first === undefined) return [];
  const next = await order.select("block_number").offset(EVENTS_AT_ONCE).limit(1).executeTakeFirst();
  const rows = await order
    .selectAll()
    .$if(next !== undefined, (query) =>
      // The block that the page would end in is left to the next page, unless it is the only one.
      query.where("block_number", "<=", bigger(first.block_number, (next?.block_number ?? 0n) - 1n)),
    )
    .execute();
  return rows.map(
    ({ block_number, log_index, tx_hash, ...event }) =>
      ({ ...event, blockNumber: block_number, logIndex: log_index, txHash: tx_hash }) as unknown as LedgerEvent,
  );
}

async function timestampsOf(db: Db, from: bigint, to: bigint): Promise<Map<bigint, bigint>> {
  const rows = await db
    .selectFrom("blocks")
    .select(["number", "timestamp"])
    .where("number", ">=", from)
    .where("number", "<=", to)
    .execute();
  return new Map(rows.map(({ number, timestamp }) => [number, timestamp]));
}

async function lockPosition(session: Session, expected: Position | null): Promise<void> {
  const { rows } = await sql<{ block_hash: string }>`select block_hash from cursor where id = 1 for update`.execute(
    session,
  );
  const [row] = rows;
  const isThere = row === undefined ? expected === null : row.block_hash === expected?.blockHash;
  if (!isThere) throw new PositionMovedError();
}

async function setPosition(session: Session, deployment: string, { blockNumber, blockHash }: Position): Promise<void> {
  await sql`
    insert into cursor (id, block_number, block_hash, deployment) values (1, ${blockNumber}, ${blockHash}, ${deployment})
    on conflict (id) do update set block_number = excluded.block_number, block_hash = excluded.block_hash,
      deployment = excluded.deployment`.execute(session);
}

async function insertHeaders(session: Session, headers: readonly BlockHeader[]): Promise<void> {
  const rows = headers.map(({ number, hash, parentHash, timestamp }) => ({
    number,
    hash,
    parent_hash: parentHash,
    timestamp,
  }));
  await copyRows(session, "blocks", rows);
}

async function insertEvents(session: Session, events: readonly LedgerEvent[]): Promise<void> {
  const rows = events.map(({ contract, name, args, blockNumber, logIndex, txHash }) => ({
    block_number: blockNumber,
    log_index: logIndex,
    tx_hash: txHash,
    contract,
    name,
    args,
  }));
  await copyRows(session, "events", rows);
}

function bigger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
