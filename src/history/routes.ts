import type { OpenExport, Exports } from "../exports/service.js";
import { jsonRow } from "../exports/ports.js";
import { EXPORT_TYPES, EXPORTS_TAG, formatQuery } from "../exports/schemas.js";
import { z } from "zod";
import { defineRoute, ok, type Reply, type Route } from "../http/route.js";
import type { HistorySort, HistorySubject } from "../ledger/read/history-types.js";
import type { PageRequest } from "../ledger/read/page.js";
import type { HistoryQuery } from "./filters.js";
import { filtersOf, HISTORY_TAG, historyPage, listQueryOf, totalsQueryOf, totalsSchema } from "./schemas.js";
import type { Grouping, History } from "./service.js";

export interface HistoryRouteDeps {
  readonly history: History;
  readonly exports: Exports;
}

const ACCESS = {
  retirements: "public",
  cancellations: "public",
  issuances: "public",
  transfers: "key",
  trades: "key",
} as const satisfies Record<HistorySubject, "public" | "key">;

const SUBJECTS = Object.keys(ACCESS) as HistorySubject[];

const OWN_ONLY = "A participant's key sees its own.";

/** Lists, sums and files of everything that happened. */
export function historyRoutes(deps: HistoryRouteDeps): Route[] {
  return SUBJECTS.flatMap((subject) => [
    listRoute(deps, subject),
    totalsRoute(deps, subject),
    exportRoute(deps, subject),
  ]);
}

function listRoute({ history }: HistoryRouteDeps, subject: HistorySubject): Route {
  return defineRoute({
    method: "get",
    path: `/history/${subject}`,
    summary: `All ${subject} that fit the filters`,
    ...ownOnly(subject),
    tag: HISTORY_TAG,
    access: ACCESS[subject],
    query: listQueryOf(subject),
    answers: { 200: { description: "A page.", schema: historyPage(subject) } },
    problems: subject === "trades" ? ["forbidden"] : [],
    async handle({ query, principal }) {
      const { limit, cursor, sort, minBlock: _, ...filters } = query as unknown as ListQuery;
      const { items, next, columns } = await history.list(principal, subject, filters, { limit, cursor, sort });
      const shown = items.map((row) => jsonRow(columns, row));
      return ok({ items: shown.map((item) => ({ ...item, links: linksOf(subject, item) })), next });
    },
  });
}

interface ListQuery extends HistoryQuery, PageRequest {
  readonly sort: HistorySort;
  readonly minBlock?: bigint;
}

function totalsRoute({ history }: HistoryRouteDeps, subject: HistorySubject): Route {
  return defineRoute({
    method: "get",
    path: `/history/${subject}/totals`,
    summary: `Sums of the ${subject} that fit the filters`,
    ...ownOnly(subject),
    tag: HISTORY_TAG,
    access: ACCESS[subject],
    query: totalsQueryOf(subject),
    answers: { 200: { description: "All together, and by group.", schema: totalsSchema } },
    problems: ["history-too-wide", ...(subject === "trades" ? (["forbidden"] as const) : [])],
    async handle({ query, principal }) {
      const { groupBy, minBlock: _, ...filters } = query as unknown as TotalsQuery;
      return ok({ subject, groupBy, ...(await history.totals(principal, subject, filters, groupBy)) });
    },
  });
}

interface TotalsQuery extends HistoryQuery {
  readonly groupBy: Grouping;
  readonly minBlock?: bigint;
}

function exportRoute({ history, exports }: HistoryRouteDeps, subject: HistorySubject): Route {
  return defineRoute({
    method: "get",
    path: `/history/${subject}/export`,
    summary: `All ${subject} that fit the filters, as a file`,
    description: [
      "The oldest first, up to `upToBlock` or the latest block that is known. Its manifest is where `Link` says, once the file is read.",
      ...(ACCESS[subject] === "key" ? [OWN_ONLY] : []),
    ].join(" "),
    tag: EXPORTS_TAG,
    access: ACCESS[subject],
    query: z.strictObject({ ...filtersOf(subject), ...formatQuery }),
    answers: { 200: { description: "The file.", contentTypes: EXPORT_TYPES } },
    problems: ["too-many-exports", "as-of-future", ...(subject === "trades" ? (["forbidden"] as const) : [])],
    async handle({ query, principal }) {
      const { format, ...filters } = query as unknown as HistoryQuery & z.output<z.ZodObject<typeof formatQuery>>;
      const scan = await history.scan(principal, subject, filters);
      return fileReply(await exports.open({ principal, subject, format, ...scan }));
    },
  });
}

/** A file with the place of its manifest. */
export function fileReply({ id, type, fileName, body }: OpenExport): Reply {
  const headers = { "x-export-id": id, link: `</v1/exports/${id}>; rel="describedby"` };
  return { status: 200, headers, content: { type, fileName, body } };
}

function ownOnly(subject: HistorySubject): { description?: string } {
  return ACCESS[subject] === "key" ? { description: OWN_ONLY } : {};
}

function linksOf(subject: HistorySubject, { id, txHash }: Record<string, unknown>) {
  return {
    self: subject === "trades" ? null : `/v1/${subject}/${String(id)}`,
    transaction: `/v1/transactions/${String(txHash)}`,
  };
}
