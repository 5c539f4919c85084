import { sql } from "kysely";

import type { Db } from "../../db/connection.js";
import type { SerialState, TransferKind } from "../../db/read-model-tables.js";
import { jsonText } from "../../db/json.js";
import type { Row } from "../row-cache.js";
import { findBatch } from "./registry.js";
import { movesOfSerial } from "./serial-moves.js";
import { findSerial } from "./units.js";

/** Times are Unix seconds. */
export interface SerialLife {
  readonly batch: string;
  readonly serial: bigint;
  readonly project: string;
  readonly vintage: number;
  readonly issued: {
    /** Null when the batch came about without one. */
    readonly issuanceId: string | null;
    readonly account: string;
    readonly at: bigint;
    readonly blockNumber: bigint;
    readonly txHash: string;
  };
  /** In chain order; the first is the issuance. At most 1,000. */
  readonly steps: readonly SerialStep[];
  /** There were more steps than are told. */
  readonly hasMoreSteps: boolean;
  readonly end: {
    readonly state: SerialState;
    /** Who holds it, or who retired or cancelled it. */
    readonly account: string;
    readonly recordId: bigint | null;
  };
}

export type SerialStepKind = "issuance" | TransferKind | "retirement" | "cancellation";

/** A movement of the serial, and how long it stayed where it came to. */
export interface SerialStep {
  readonly kind: SerialStepKind;
  /** Null at the issuance. */
  readonly from: string | null;
  /** Null at the end of its life. */
  readonly to: string | null;
  readonly since: bigint;
  /** Of the next step; null when there is none. */
  readonly until: bigint | null;
  readonly blockNumber: bigint;
  readonly logIndex: number;
  readonly txHash: string;
  /** From this step to the next the exchange held it for its owners, who are not told apart by serials. */
  readonly inExchange: boolean;
  /** Trades of the batch meanwhile (`<block>-<log index>`), the first 100: any of them may have been of this tonne. */
  readonly trades: readonly string[];
  readonly hasMoreTrades: boolean;
}

const MOST_STEPS = 1_000;
const MOST_TRADES = 100;
/** After any block. */
const NEVER = (1n << 63n) - 1n;

/**
 * From issuance to retirement: everything that happened to one tonne. Null when the batch has no such serial.
 * @param exchange address of the exchange, as the manifest has it.
 */
export async function serialLife(db: Db, batch: string, serial: bigint, exchange: string): Promise<SerialLife | null> {
  const end = await findSerial(db, batch, serial);
  const facts = end === null ? null : await findBatch(db, batch);
  if (end === null || facts === null) return null;
  const moves = await movesOfSerial(db, batch, serial, MOST_STEPS + 1);
  const [first] = moves;
  if (first === undefined) return null;
  const issuance = await db
    .selectFrom("issuances")
    .select("id")
    .where("batch_code", "=", batch)
    .where("status", "=", "approved")
    .limit(1)
    .executeTakeFirst();
  return {
    batch,
    serial,
    project: facts.project,
    vintage: facts.vintage,
    issued: {
      issuanceId: issuance?.id ?? null,
      account: first.to_account ?? "",
      at: first.timestamp,
      blockNumber: first.block_number,
      txHash: first.tx_hash,
    },
    steps: await stepsOf(db, batch, moves, end.state, exchange),
    hasMoreSteps: moves.length > MOST_STEPS,
    end: { state: end.state, account: end.account, recordId: end.recordId },
  };
}

type Move = Row<"serial_moves">;

async function stepsOf(
  db: Db,
  batch: string,
  moves: readonly Move[],
  end: SerialState,
  exchange: string,
): Promise<SerialStep[]> {
  const told = moves.slice(0, MOST_STEPS);
  const kinds = await kindsOf(db, told);
  const stays = told.flatMap((move, n) => (isSame(move.to_account, exchange) ? [{ n, move, next: moves[n + 1] }] : []));
  const trades = await tradesOf(db, batch, stays);
  return told.map((move, n) => {
    const known = trades.get(n) ?? [];
    return {
      kind: kindOf(move, kinds, end),
      from: move.from_account,
      to: move.to_account,
      since: move.timestamp,
      until: moves[n + 1]?.timestamp ?? null,
      blockNumber: move.block_number,
      logIndex: move.log_index,
      txHash: move.tx_hash,
      inExchange: isSame(move.to_account, exchange),
      trades: known.slice(0, MOST_TRADES),
      hasMoreTrades: known.length > MOST_TRADES,
    };
  });
}

function kindOf(move: Move, kinds: ReadonlyMap<string, TransferKind>, end: SerialState): SerialStepKind {
  if (move.from_account === null) return "issuance";
  // Nothing comes back from there, so the end of the serial says what it was.
  if (move.to_account === null) return end === "cancelled" ? "cancellation" : "retirement";
  return kinds.get(placeOf(move)) ?? "transfer";
}

async function kindsOf(db: Db, moves: readonly Move[]): Promise<Map<string, TransferKind>> {
  const ids = moves.filter((move) => move.from_account !== null && move.to_account !== null).map(placeOf);
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom("transfers").select(["id", "kind"]).where("id", "in", ids).execute();
  return new Map(rows.map(({ id, kind }) => [id, kind]));
}

interface Stay {
  readonly n: number;
  readonly move: Move;
  readonly next: Move | undefined;
}

/** Trades of the batch while a serial lay in the exchange, by the number of the step. */
async function tradesOf(db: Db, batch: string, stays: readonly Stay[]): Promise<Map<number, string[]>> {
  const found = new Map<number, string[]>();
  if (stays.length === 0) return found;
  const spans = stays.map(({ n, move, next }) => ({
    n,
    from_block: move.block_number,
    from_log: move.log_index,
    to_block: next?.block_number ?? NEVER,
    to_log: next?.log_index ?? 0,
  }));
  const result = await sql<{ n: number; id: string }>`
    select s.n, t.id from json_to_recordset(${jsonText(spans)}::json)
      as s(n int4, from_block int8, from_log int4, to_block int8, to_log int4)
    cross join lateral (select id, block_number, log_index from settled_trades where batch_code = ${batch}
      and (block_number, log_index) > (s.from_block, s.from_log) and (block_number, log_index) < (s.to_block, s.to_log)
      order by block_number, log_index limit ${sql.lit(MOST_TRADES + 1)}) t
    order by s.n, t.block_number, t.log_index`.execute(db);
  for (const { n, id } of result.rows) found.set(n, [...(found.get(n) ?? []), id]);
  return found;
}

function placeOf({ block_number, log_index }: Move): string {
  return `${block_number}-${log_index}`;
}

function isSame(account: string | null, other: string): boolean {
  return account?.toLowerCase() === other.toLowerCase();
}
