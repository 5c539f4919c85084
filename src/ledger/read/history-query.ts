import { sql, type RawBuilder } from "kysely";

import type { Db } from "../../db/connection.js";
import type { HistoryFilter, HistorySubject } from "./history-types.js";
import { movesOfSerial } from "./serial-moves.js";
import { findSerial } from "./units.js";

/** A part of a `where` clause about `h`, the table of the subject. */
export type Condition = RawBuilder<boolean>;

const NOTHING: Condition = sql<boolean>`false`;
/** A shorter beginning of a word would find half of all words. */
const SHORTEST_PREFIX = 3;
/** Transfers of one serial that a filter finds. */
const MOST_MOVES = 10_000;

const MAX_INT4 = 2_147_483_647;
const MAX_INT8 = (1n << 63n) - 1n;

/** Columns of `h` that hold accounts: one, or the two sides. */
const SIDES: Readonly<Record<HistorySubject, readonly string[]>> = {
  retirements: ["account"],
  cancellations: ["account"],
  issuances: ["recipient"],
  transfers: ["from_account", "to_account"],
  trades: ["buyer", "seller"],
};

/** What a filter asks of a row: its words apart from the rest. */
export interface Conditions {
  readonly facts: readonly Condition[];
  /** Of the full-text search: costly to check on every row, and how many rows fit is nothing that the planner knows. */
  readonly words: readonly Condition[];
}

/** The conditions that a filter puts on a subject. What needs a look at other tables is looked up first, so that the query stays on one. */
export async function conditionsOf(db: Db, subject: HistorySubject, filter: HistoryFilter): Promise<Conditions> {
  if (!isStorable(filter)) return { facts: [NOTHING], words: [] };
  const facts = [
    ...(await placeConditions(db, subject, filter)),
    ...batchConditions(subject, filter),
    ...(await firmConditions(db, subject, filter)),
    ...accountConditions(subject, filter),
    ...recordConditions(subject, filter),
    ...(filter.serial === undefined ? [] : [await serialCondition(db, subject, filter.serial)]),
  ];
  return { facts, words: wordConditions(subject, filter) };
}

/** False when a value is one that no row can have, and that the database would refuse to compare. */
function isStorable(filter: HistoryFilter): boolean {
  const { vintage, participantId, participantIds = [], fromTime, toTime, upToBlock, serial } = filter;
  const values: unknown[] = Object.values(filter);
  const texts = [...values, ...(filter.projects ?? []), serial?.batch];
  const numbers = [vintage, participantId, ...participantIds];
  return (
    !texts.some((text) => typeof text === "string" && text.includes("\u0000")) &&
    numbers.every((number) => number === undefined || Math.abs(number) <= MAX_INT4) &&
    [fromTime, toTime, upToBlock].every((number) => number === undefined || number <= MAX_INT8)
  );
}

/** Times become blocks, and blocks become the range of the key that the list is ordered by: keys run with time. */
async function placeConditions(db: Db, subject: HistorySubject, filter: HistoryFilter): Promise<Condition[]> {
  const { fromTime, toTime, upToBlock } = filter;
  const from = fromTime === undefined ? undefined : await firstBlockFrom(db, fromTime);
  const to = toTime === undefined ? upToBlock : least(await lastBlockUpTo(db, toTime), upToBlock);
  if (from === null || to === null) return [NOTHING];
  const isRecord = subject === "retirements" || subject === "cancellations";
  const block = subject === "issuances" ? column("decided_block") : column("block_number");
  const conditions: Condition[] = [];
  for (const [bound, sign] of [
    [from, ">="],
    [to, "<="],
  ] as const) {
    if (bound === undefined) continue;
    if (!isRecord) {
      conditions.push(sql<boolean>`${block} ${sql.raw(sign)} ${bound}::int8`);
      continue;
    }
    const id = await recordAt(db, subject, sign, bound);
    conditions.push(id === null ? NOTHING : sql<boolean>`h.id ${sql.raw(sign)} ${id}::int8`);
  }
  return conditions;
}

async function recordAt(
  db: Db,
  subject: "retirements" | "cancellations",
  sign: ">=" | "<=",
  block: bigint,
): Promise<bigint | null> {
  const direction = sign === ">=" ? "asc" : "desc";
  const row = await db
    .selectFrom(subject)
    .select("id")
    .where("block_number", sign, block)
    .orderBy("block_number", direction)
    .orderBy("log_index", direction)
    .limit(1)
    .executeTakeFirst();
  return row?.id ?? null;
}

/** The first block that was not made before an instant (Unix seconds); null when there is none yet. */
export async function firstBlockFrom(db: Db, time: bigint): Promise<bigint | null> {
  const row = await db
    .selectFrom("blocks")
    .select("number")
    .where("timestamp", ">=", time)
    .orderBy("timestamp")
    .orderBy("number")
    .limit(1)
    .executeTakeFirst();
  return row?.number ?? null;
}

/** The last block that was made up to an instant (Unix seconds); null when there was none yet. */
export async function lastBlockUpTo(db: Db, time: bigint): Promise<bigint | null> {
  const row = await db
    .selectFrom("blocks")
    .select("number")
    .where("timestamp", "<=", time)
    .orderBy("timestamp", "desc")
    .orderBy("number", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.number ?? null;
}

function batchConditions(subject: HistorySubject, { projects, batch, vintage }: HistoryFilter): Condition[] {
  const conditions: Condition[] = [];
  if (batch !== undefined) conditions.push(sql<boolean>`h.batch_code = ${batch}`);
  const isOfBatch = subject === "transfers" || subject === "trades";
  const facts: Condition[] = [];
  const table = isOfBatch ? "b" : "h";
  if (projects !== undefined) facts.push(isOneOf(sql.ref(`${table}.project_code`), projects));
  if (vintage !== undefined) facts.push(sql<boolean>`${sql.ref(`${table}.vintage`)} = ${vintage}::int4`);
  if (!isOfBatch || facts.length === 0) return [...conditions, ...facts];
  return [...conditions, sql<boolean>`h.batch_code in (select b.code from batches b where ${allOf(facts)})`];
}

async function firmConditions(
  db: Db,
  subject: HistorySubject,
  { participantId, participantIds }: HistoryFilter,
): Promise<Condition[]> {
  const conditions: Condition[] = [];
  for (const ids of [participantId === undefined ? undefined : [participantId], participantIds]) {
    if (ids === undefined) continue;
    if (subject === "retirements" || subject === "cancellations") {
      conditions.push(isOneOf(column("participant_id"), ids));
      continue;
    }
    const accounts = ids.length === 0 ? [] : await accountsOf(db, ids);
    conditions.push(anyOf(SIDES[subject].map((side) => isOneOf(column(side), accounts))));
  }
  return conditions;
}

async function accountsOf(db: Db, participantIds: readonly number[]): Promise<string[]> {
  const rows = await db
    .selectFrom("accounts")
    .select("address")
    .where("participant_id", "in", participantIds)
    .execute();
  return rows.map(({ address }) => address);
}

function accountConditions(subject: HistorySubject, { account, counterparty }: HistoryFilter): Condition[] {
  const sides = SIDES[subject];
  const [one, other] = sides;
  if (one === undefined) return [];
  const isOn = (side: string, address: string): Condition => sql<boolean>`${column(side)} = ${address}`;
  if (counterparty === undefined) {
    return account === undefined ? [] : [anyOf(sides.map((side) => isOn(side, account)))];
  }
  if (other === undefined) return [NOTHING];
  if (account === undefined) return [anyOf(sides.map((side) => isOn(side, counterparty)))];
  const ways = [
    [one, other],
    [other, one],
  ] as const;
  return [anyOf(ways.map(([mine, theirs]) => allOf([isOn(mine, account), isOn(theirs, counterparty)])))];
}

function wordConditions(subject: HistorySubject, { words, beneficiaryWords }: HistoryFilter): Condition[] {
  const conditions: Condition[] = [];
  const hasWords = subject === "retirements" || subject === "cancellations";
  if (words !== undefined) conditions.push(hasWords ? matches(words, "") : NOTHING);
  if (beneficiaryWords !== undefined) {
    conditions.push(subject === "retirements" ? matches(beneficiaryWords, "A") : NOTHING);
  }
  return conditions;
}

/**
 * Words have letters and digits only (`wordsOf`), so none can be more than a word. The pattern stands in the statement itself rather than
 * in a parameter: only then does the planner know how rare it is.
 */
function matches(words: readonly string[], weight: "" | "A"): Condition {
  if (words.length === 0 || words.some((word) => !/^[\p{L}\p{N}]+$/u.test(word))) return NOTHING;
  const patterns = words.map((word, i) => {
    const isPrefix = i === words.length - 1 && word.length >= SHORTEST_PREFIX;
    const flags = `${isPrefix ? "*" : ""}${weight}`;
    return flags === "" ? `'${word}'` : `'${word}':${flags}`;
  });
  return sql<boolean>`h.search @@ ${sql.lit(patterns.join(" & "))}::tsquery`;
}

/** What only some subjects have: a filter on a fact that the subject lacks finds nothing. */
function recordConditions(subject: HistorySubject, filter: HistoryFilter): Condition[] {
  const { beneficiaryId, purpose, country, periodFrom, periodTo, reason, kind, minTonnes, maxTonnes } = filter;
  const conditions: Condition[] = [];
  const of = (owner: HistorySubject, condition: Condition): void => {
    conditions.push(owner === subject ? condition : NOTHING);
  };
  if (beneficiaryId !== undefined) of("retirements", sql<boolean>`h.beneficiary_id = ${beneficiaryId}`);
  if (purpose !== undefined) of("retirements", sql<boolean>`h.purpose = ${purpose}`);
  if (country !== undefined) of("retirements", sql<boolean>`h.consumption_country = ${country}`);
  if (periodFrom !== undefined) of("retirements", sql<boolean>`h.consumption_period_end >= ${periodFrom}::int8`);
  if (periodTo !== undefined) of("retirements", sql<boolean>`h.consumption_period_start <= ${periodTo}::int8`);
  if (reason !== undefined) of("cancellations", sql<boolean>`h.reason = ${reason}`);
  if (kind !== undefined) of("transfers", sql<boolean>`h.kind = ${kind}`);
  if (minTonnes !== undefined) conditions.push(sql<boolean>`h.tonnes >= ${minTonnes}::numeric`);
  if (maxTonnes !== undefined) conditions.push(sql<boolean>`h.tonnes <= ${maxTonnes}::numeric`);
  return conditions;
}

async function serialCondition(
  db: Db,
  subject: HistorySubject,
  { batch, number }: NonNullable<HistoryFilter["serial"]>,
): Promise<Condition> {
  if (subject === "trades") return NOTHING;
  if (subject === "transfers") {
    const moves = await movesOfSerial(db, batch, number, MOST_MOVES);
    return isOneOf(
      column("id"),
      moves.map((move) => `${move.block_number}-${move.log_index}`),
    );
  }
  const found = await findSerial(db, batch, number);
  if (found === null) return NOTHING;
  if (subject === "issuances") return sql<boolean>`h.batch_code = ${batch}`;
  const state = subject === "retirements" ? "retired" : "cancelled";
  if (found.state !== state || found.recordId === null) return NOTHING;
  return sql<boolean>`h.id = ${found.recordId}::int8`;
}

/** All of the conditions; true when there are none. */
export function allOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(conditions, sql` and `)})`;
}

function anyOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 0 ? NOTHING : sql<boolean>`(${sql.join(conditions, sql` or `)})`;
}

function isOneOf(what: RawBuilder<unknown>, values: readonly (string | number)[]): Condition {
  return values.length === 0 ? NOTHING : sql<boolean>`${what} in (${sql.join(values)})`;
}

function column(name: string): RawBuilder<unknown> {
  return sql.ref(`h.${name}`);
}

function least(a: bigint | null, b: bigint | undefined): bigint | null {
  return a === null || b === undefined || a < b ? a : b;
}
