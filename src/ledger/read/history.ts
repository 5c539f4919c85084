import { sql, type RawBuilder } from "kysely";

import type { Db } from "../../db/connection.js";
import type { Row } from "../row-cache.js";
import { allOf, conditionsOf } from "./history-query.js";
import type {
  HistoryFilter,
  HistoryRow,
  HistorySort,
  HistorySubject,
  IssuanceRow,
  TradeRow,
  TransferRow,
} from "./history-types.js";
import type { Page, PageKey, PageRequest } from "./page.js";
import { issuanceView } from "./registry.js";
import { cancellationView, retirementView } from "./retirements.js";
import { transferView } from "./units.js";
import { readRows, searchPage, type SearchedList } from "./word-search.js";

export { readTotals } from "./history-totals.js";

interface Source<S extends HistorySubject> {
  /** Everything that a row is made of, with `h` for the table that the conditions are about. */
  readonly select: RawBuilder<unknown>;
  /** Always true. */
  readonly where: RawBuilder<boolean>;
  readonly keys: readonly PageKey[];
  readonly view: (row: never) => HistoryRow<S>;
}

const BY_ID: readonly PageKey[] = [{ column: "r.id", kind: "int8" }];
const BY_PLACE: readonly PageKey[] = [
  { column: "r.block_number", kind: "int8" },
  { column: "r.log_index", kind: "int4" },
];
const TRUE = sql<boolean>`true`;

const SOURCES: { readonly [S in HistorySubject]: Source<S> } = {
  retirements: { select: sql`select h.* from retirements h`, where: TRUE, keys: BY_ID, view: retirementView },
  cancellations: { select: sql`select h.* from cancellations h`, where: TRUE, keys: BY_ID, view: cancellationView },
  issuances: {
    select: sql`select h.*, a.participant_id, d.timestamp as decided_at from issuances h
      left join accounts a on a.address = h.recipient join blocks d on d.number = h.decided_block`,
    where: sql<boolean>`h.status = 'approved'`,
    keys: [
      { column: "r.decided_block", kind: "int8" },
      { column: "r.id", kind: "text" },
    ],
    view: issuanceRow,
  },
  transfers: {
    select: sql`select h.*, b.project_code, b.vintage, f.participant_id as from_participant, t.participant_id as to_participant
      from transfers h join batches b on b.code = h.batch_code
      left join accounts f on f.address = h.from_account left join accounts t on t.address = h.to_account`,
    where: TRUE,
    keys: BY_PLACE,
    view: transferRow,
  },
  trades: {
    select: sql`select h.*, b.project_code, b.vintage, f.participant_id as buyer_participant, t.participant_id as seller_participant
      from settled_trades h join batches b on b.code = h.batch_code
      left join accounts f on f.address = h.buyer left join accounts t on t.address = h.seller`,
    where: TRUE,
    keys: BY_PLACE,
    view: tradeRow,
  },
};

/**
 * One page of the records of a subject.
 * @throws Problem `cursor-invalid`
 */
export async function listHistory<S extends HistorySubject>(
  db: Db,
  subject: S,
  filter: HistoryFilter,
  sort: HistorySort,
  page: PageRequest,
): Promise<Page<HistoryRow<S>>> {
  const source: Source<S> = SOURCES[subject];
  const isByTonnes = sort === "tonnes" || sort === "-tonnes";
  if (isByTonnes && subject !== "retirements") throw new RangeError(`${subject} have no order by tonnes`);
  const keys: readonly PageKey[] = isByTonnes ? [{ column: "r.tonnes", kind: "numeric" }, ...source.keys] : source.keys;
  const direction = sort === "oldest" || sort === "tonnes" ? "asc" : "desc";
  const { facts, words } = await conditionsOf(db, subject, filter);
  const list: SearchedList<HistoryRow<S>> = {
    rows: sql`${source.select} where ${allOf([source.where, ...facts])}`,
    words: allOf(words),
    keys,
    direction,
    view: (row) => source.view(row as never),
  };
  return words.length === 0 ? await readRows(db, list, list.rows, page) : await searchPage(db, list, page);
}

/** All records that fit, the oldest first, in parts. `upToBlock` must be given: what comes meanwhile is no part of it. */
export async function* scanHistory<S extends HistorySubject>(
  db: Db,
  subject: S,
  filter: HistoryFilter,
  rowsAtOnce: number,
): AsyncGenerator<readonly HistoryRow<S>[]> {
  if (filter.upToBlock === undefined) throw new RangeError("a scan needs an end");
  const read = async (cursor?: string): Promise<Page<HistoryRow<S>>> =>
    await listHistory(db, subject, filter, "oldest", { limit: rowsAtOnce, cursor });
  let ahead: Promise<Page<HistoryRow<S>>> | null = read();
  while (ahead !== null) {
    const { items, next }: Page<HistoryRow<S>> = await ahead;
    // The database reads the next part while the reader is busy with this one. Nobody may wait for it any more when it fails.
    ahead = next === null ? null : read(next);
    ahead?.catch(() => undefined);
    if (items.length > 0) yield items;
  }
}

interface BatchFacts {
  readonly project_code: string;
  readonly vintage: number;
}

function issuanceRow(
  row: Row<"issuances"> & { readonly participant_id: number | null; readonly decided_at: bigint },
): IssuanceRow {
  return { ...issuanceView(row), participantId: row.participant_id, decidedAt: row.decided_at };
}

function transferRow(
  row: Row<"transfers"> &
    BatchFacts & { readonly from_participant: number | null; readonly to_participant: number | null },
): TransferRow {
  return {
    ...transferView(row),
    project: row.project_code,
    vintage: row.vintage,
    fromParticipantId: row.from_participant,
    toParticipantId: row.to_participant,
  };
}

function tradeRow(
  row: Row<"settled_trades"> &
    BatchFacts & { readonly buyer_participant: number | null; readonly seller_participant: number | null },
): TradeRow {
  return {
    id: row.id,
    batch: row.batch_code,
    project: row.project_code,
    vintage: row.vintage,
    buyer: row.buyer,
    seller: row.seller,
    buyerParticipantId: row.buyer_participant,
    sellerParticipantId: row.seller_participant,
    tonnes: row.tonnes,
    price: row.price,
    value: row.tonnes * row.price,
    buyerFee: row.buyer_fee,
    sellerFee: row.seller_fee,
    takerHash: row.taker_hash,
    makerHash: row.maker_hash,
    timestamp: row.timestamp,
    txHash: row.tx_hash,
    blockNumber: row.block_number,
    logIndex: row.log_index,
  };
}
