import type { Db } from "../db/connection.js";
import type { JsonObject } from "../db/inbox-tables.js";
import { Problem } from "../errors.js";
import type { Column, RowPages } from "../exports/ports.js";
import { momentOf, type Moment } from "../ledger/read/as-of.js";
import { listHistory, readTotals, scanHistory } from "../ledger/read/history.js";
import type {
  GroupBy,
  GroupTotal,
  HistoryFilter,
  HistoryRow,
  HistorySort,
  HistorySubject,
  TradeRow,
} from "../ledger/read/history-types.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import { visibleParticipant, type Principal } from "../principal.js";
import { columnsOf, type SeenRow, type SeenTrade } from "./columns.js";
import { filterOf, queryJson, type HistoryQuery } from "./filters.js";
import type { Directory } from "./names.js";

export interface HistoryDeps {
  readonly db: Db;
  directory(): Promise<Directory>;
}

/** What records can be grouped by: their own facts, and those of their projects. */
export type Grouping = GroupBy | "programme" | "methodology" | "sector";

export interface NamedTotal extends GroupTotal {
  /** Of a project or a firm; null for other groups, and when the record does not say it. */
  readonly name: string | null;
}

export interface Totals {
  readonly totals: Omit<GroupTotal, "key">;
  readonly items: readonly NamedTotal[];
}

/** A page of records, with the columns that show them. */
export interface SeenPage<S extends HistorySubject> extends Page<SeenRow<S>> {
  readonly columns: readonly Column<SeenRow<S>>[];
}

/** All records that fit, up to a block. */
export interface Scan<S extends HistorySubject> {
  readonly moment: Moment;
  readonly query: JsonObject;
  readonly columns: readonly Column<SeenRow<S>>[];
  readonly pages: RowPages<SeenRow<S>>;
}

export type History = ReturnType<typeof createHistory>;

/** Rows that an export reads at once. */
const ROWS_AT_ONCE = 5_000;

/**
 * Records that were ever made. Everybody sees retirements, cancellations and issuances; of transfers and trades, a participant sees its
 * own, and of a trade its own side.
 */
export function createHistory({ db, directory }: HistoryDeps) {
  async function prepared<S extends HistorySubject>(principal: Principal, subject: S, query: HistoryQuery) {
    const names = await directory();
    const own = ownOnly(principal, subject);
    if (own !== undefined && subject === "trades") refuseProbes(query, names, own);
    return { names, own, filter: filterOf(query, names, own), columns: columnsOf(subject, names) };
  }

  return {
    async list<S extends HistorySubject>(
      principal: Principal,
      subject: S,
      query: HistoryQuery,
      { sort, ...page }: PageRequest & { readonly sort: HistorySort },
    ): Promise<SeenPage<S>> {
      const { own, filter, columns } = await prepared(principal, subject, query);
      const { items, next } = await listHistory(db, subject, filter, sort, page);
      return { items: items.map((row) => seen(subject, row, own)), next, columns };
    },

    async totals(
      principal: Principal,
      subject: HistorySubject,
      query: HistoryQuery,
      groupBy: Grouping,
    ): Promise<Totals> {
      const { names, own, filter } = await prepared(principal, subject, query);
      if (own !== undefined && (groupBy === "buyer" || groupBy === "seller"))
        throw new Problem("forbidden", "The key sees its own side of trades only.");
      const items = await grouped(db, subject, filter, groupBy, names);
      return { totals: sumOf(subject, items), items };
    },

    /** @throws Problem `as-of-future` when `upToBlock` is not known yet */
    async scan<S extends HistorySubject>(principal: Principal, subject: S, query: HistoryQuery): Promise<Scan<S>> {
      const { own, filter, columns } = await prepared(principal, subject, query);
      const moment = await momentOf(db, { block: query.upToBlock });
      const upTo = { ...filter, upToBlock: moment.blockNumber };
      const pages = (async function* () {
        for await (const rows of scanHistory(db, subject, upTo, ROWS_AT_ONCE))
          yield rows.map((row) => seen(subject, row, own));
      })();
      return { moment, query: queryJson(query, own), columns, pages };
    },
  };
}

const PRIVATE: ReadonlySet<HistorySubject> = new Set(["transfers", "trades"]);

function ownOnly(principal: Principal, subject: HistorySubject): number | undefined {
  return PRIVATE.has(subject) ? visibleParticipant(principal, undefined) : undefined;
}

/** Who trades with whom is not shown: so nobody may ask for the trades with somebody either. */
function refuseProbes({ account, counterparty, firm }: HistoryQuery, names: Directory, own: number): void {
  const isOwn =
    counterparty === undefined &&
    (account === undefined || names.firmOf(account) === own) &&
    (firm === undefined || names.firmsLike(firm).every((id) => id === own));
  if (!isOwn) throw new Problem("forbidden", "The key sees its own side of trades only.");
}

function seen<S extends HistorySubject>(subject: S, row: HistoryRow<S>, own: number | undefined): SeenRow<S> {
  if (subject !== "trades" || own === undefined) return row as unknown as SeenRow<S>;
  return ownSide(row as TradeRow, own) as unknown as SeenRow<S>;
}

function ownSide(trade: TradeRow, own: number): SeenTrade {
  const { buyerParticipantId, sellerParticipantId } = trade;
  const buys = buyerParticipantId === own;
  const sells = sellerParticipantId === own;
  return {
    ...trade,
    ...(buys ? {} : { buyer: null, buyerParticipantId: null, buyerFee: null }),
    ...(sells ? {} : { seller: null, sellerParticipantId: null, sellerFee: null }),
    ...(buys && sells ? {} : { takerHash: null, makerHash: null }),
  };
}

const PROJECT_FACTS = new Set<Grouping>(["programme", "methodology", "sector"]);

async function grouped(
  db: Db,
  subject: HistorySubject,
  filter: HistoryFilter,
  groupBy: Grouping,
  names: Directory,
): Promise<NamedTotal[]> {
  if (!isProjectFact(groupBy)) {
    const totals = await readTotals(db, subject, filter, groupBy);
    return totals.map((total) => ({ ...total, name: nameOf(groupBy, total.key, names) }));
  }
  const byFact = Map.groupBy(
    await readTotals(db, subject, filter, "project"),
    ({ key }) => names.project(key)[groupBy] ?? "",
  );
  return [...byFact]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, parts]) => ({ key, name: null, ...sumOf(subject, parts) }));
}

function isProjectFact(groupBy: Grouping): groupBy is "programme" | "methodology" | "sector" {
  return PROJECT_FACTS.has(groupBy);
}

function nameOf(groupBy: GroupBy, key: string, names: Directory): string | null {
  if (groupBy === "project") return names.project(key).name;
  if (groupBy === "firm") return names.firmName(Number(key));
  return groupBy === "buyer" || groupBy === "seller" ? names.firmName(names.firmOf(key)) : null;
}

function sumOf(subject: HistorySubject, totals: readonly GroupTotal[]): Omit<GroupTotal, "key"> {
  const sum = (of: (total: GroupTotal) => bigint): bigint => totals.reduce((all, total) => all + of(total), 0n);
  return {
    records: sum(({ records }) => records),
    tonnes: sum(({ tonnes }) => tonnes),
    value: subject === "trades" ? sum(({ value }) => value ?? 0n) : null,
  };
}
