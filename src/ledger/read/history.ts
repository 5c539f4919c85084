import type { Db } from "../../db/connection.js";
import type { GroupBy, GroupTotal, HistoryFilter, HistoryRow, HistorySort, HistorySubject } from "./history-types.js";
import type { Page, PageRequest } from "./page.js";

/** One page of the records of a subject. */
export async function listHistory<S extends HistorySubject>(
  _db: Db,
  _subject: S,
  _filter: HistoryFilter,
  _sort: HistorySort,
  _page: PageRequest,
): Promise<Page<HistoryRow<S>>> {
  return await Promise.resolve({ items: [], next: null });
}

/** All records that fit, the oldest first, in parts. `upToBlock` must be given: what comes meanwhile is no part of it. */
export async function* scanHistory<S extends HistorySubject>(
  db: Db,
  subject: S,
  filter: HistoryFilter,
  rowsAtOnce: number,
): AsyncGenerator<readonly HistoryRow<S>[]> {
  if (filter.upToBlock === undefined) throw new RangeError("a scan needs an end");
  let cursor: string | undefined;
  do {
    const { items, next } = await listHistory(db, subject, filter, "oldest", { limit: rowsAtOnce, cursor });
    if (items.length > 0) yield items;
    cursor = next ?? undefined;
  } while (cursor !== undefined);
}

/**
 * Sums of the records that fit, by group.
 * @throws Problem `history-too-wide` when the answer has more than 5,000 groups, or needs more than 200,000 records to be read.
 */
export async function readTotals(
  _db: Db,
  _subject: HistorySubject,
  _filter: HistoryFilter,
  _groupBy: GroupBy,
): Promise<GroupTotal[]> {
  return await Promise.resolve([]);
}
