import { sql, type RawBuilder } from "kysely";

import type { Db } from "../../db/connection.js";
import { pageBounds, readPage, type Page, type PageKey, type PageRequest } from "./page.js";

/** A list, and the words that its rows are searched for. */
export interface SearchedList<View> {
  /** A query for all rows of the list, in no order. */
  readonly rows: RawBuilder<unknown>;
  /** About `h`, a row. */
  readonly words: RawBuilder<boolean>;
  /** Columns of `r`, a row, that the list is ordered by. */
  readonly keys: readonly PageKey[];
  readonly direction: "asc" | "desc";
  readonly view: (row: Record<string, unknown>) => View;
}

/** Rows that are looked through in the order of the list, first and then. */
const FIRST_LOOK = 2_000;
const SECOND_LOOK = 16_000;
/** As much of a page in the first look promises the rest in the second. */
const PROMISING = 1 / 6;
/** More rows than a page has are for a file, which all of them are read for anyway. */
const LONGEST_PAGE = 200;

/**
 * A page of the rows that have the words. A frequent word is soon found in the order of the list, a rare one through the index of words;
 * each way takes forever for the other kind, and the planner cannot tell them apart. So the rows at hand are looked through first.
 */
export async function searchPage<View>(db: Db, list: SearchedList<View>, page: PageRequest): Promise<Page<View>> {
  if (page.limit <= LONGEST_PAGE) {
    for (const rows of [FIRST_LOOK, SECOND_LOOK]) {
      const found = await lookThrough(db, list, rows, page);
      if (found.next !== null || (await isEnd(db, list, rows, page))) return found;
      if (found.items.length < page.limit * PROMISING) break;
    }
  }
  // Apart from the order, the planner has no reason for any way but the index of words.
  const matches = sql`with m as materialized (select h.* from (${list.rows}) h where ${list.words}) select * from m`;
  return await readRows(db, list, matches, page);
}

/** A page of the rows that a query gives. */
export async function readRows<View>(
  db: Db,
  { keys, direction, view }: SearchedList<View>,
  rows: RawBuilder<unknown>,
  page: PageRequest,
): Promise<Page<View>> {
  const query = db.selectFrom(sql<Record<string, unknown>>`(${rows})`.as("r")).selectAll("r");
  return await readPage(query, keys, direction, page, view);
}

/** What the next rows of the list have of the words. */
async function lookThrough<View>(
  db: Db,
  list: SearchedList<View>,
  rows: number,
  page: PageRequest,
): Promise<Page<View>> {
  return await readRows(
    db,
    list,
    sql`select h.* from (${nextRows(list, page)} limit ${sql.lit(rows)}) h where ${list.words}`,
    page,
  );
}

/** True when the list has no more rows than those that were looked through. */
async function isEnd<View>(db: Db, list: SearchedList<View>, rows: number, page: PageRequest): Promise<boolean> {
  const beyond = sql`select 1 from (${nextRows(list, page)} offset ${sql.lit(rows)} limit 1) h`;
  return (await beyond.execute(db)).rows.length === 0;
}

function nextRows<View>({ rows, keys, direction }: SearchedList<View>, { cursor }: PageRequest): RawBuilder<unknown> {
  const { after, order } = pageBounds(keys, direction, cursor);
  return sql`select r.* from (${rows}) r where ${after} order by ${order}`;
}
