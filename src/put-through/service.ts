import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import { readPage, type Page, type PageRequest } from "../ledger/read/page.js";
import type { MarketSide } from "../market/ports.js";

/** A firm order that stands on the board. */
export interface BoardOrder {
  readonly hash: string;
  readonly batch: string;
  readonly side: MarketSide;
  readonly price: bigint;
  /** What is left of it. */
  readonly tonnes: bigint;
  /** The least that can be selected now. */
  readonly minimumTonnes: bigint;
  readonly account: string;
  readonly participantId: number;
  /** Unix time, in seconds. */
  readonly expiresAt: bigint;
  readonly createdAt: Date;
}

export interface BoardFilter {
  readonly batch?: string | undefined;
  readonly side?: MarketSide | undefined;
  readonly participantId?: number | undefined;
}

/** The board of electronic put-through: firm orders that any member may select. */
export interface PutThroughBoard {
  /** The latest first. */
  list(filter: BoardFilter, page: PageRequest): Promise<Page<BoardOrder>>;
  /** @throws Problem `not-found` when it does not stand there (any more) */
  order(hash: string): Promise<BoardOrder>;
}

export interface PutThroughOptions {
  readonly db: Db;
  /** Resolves when all that was acknowledged is in the tables. */
  readonly flushed: () => Promise<void>;
}

export function createPutThroughBoard({ db, flushed }: PutThroughOptions): PutThroughBoard {
  return {
    async list({ batch, side, participantId }, page) {
      await flushed();
      let query = selectBoard(db);
      if (batch !== undefined) query = query.where("batch_code", "=", batch);
      if (side !== undefined) query = query.where("side", "=", side);
      if (participantId !== undefined) query = query.where("participant_id", "=", participantId);
      return readPage(query, [{ column: "number", kind: "int8" }], "desc", page, viewOf);
    },

    async order(hash) {
      await flushed();
      const row = await selectBoard(db).where("hash", "=", hash).executeTakeFirst();
      if (row === undefined) throw new Problem("not-found", `No order ${hash} stands on the board.`);
      return viewOf(row);
    },
  };
}

function selectBoard(db: Db) {
  return db.selectFrom("orders").selectAll().where("mode", "=", "put-through").where("status", "=", "open");
}

type OrderRow = Awaited<ReturnType<ReturnType<typeof selectBoard>["execute"]>>[number];

function viewOf(row: OrderRow): BoardOrder {
  return {
    hash: row.hash,
    batch: row.batch_code,
    side: row.side,
    price: row.limit_price,
    tonnes: row.tonnes - row.filled_tonnes,
    // A minimum binds the first trade only, as on the chain.
    minimumTonnes: row.filled_tonnes === 0n && row.minimum_tonnes > 0n ? row.minimum_tonnes : 1n,
    account: row.account,
    participantId: row.participant_id,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  };
}
