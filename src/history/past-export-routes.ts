import type { z } from "zod";

import type { JsonObject } from "../db/inbox-tables.js";
import type { Column, RowPages } from "../exports/ports.js";
import { EXPORT_TYPES, EXPORTS_TAG } from "../exports/schemas.js";
import type { Exports } from "../exports/service.js";
import { defineRoute, type Reply, type Route } from "../http/route.js";
import { dayEnd, dayStart } from "../ledger/read/days.js";
import type { PageRequest } from "../ledger/read/page.js";
import { visibleParticipant, type Principal } from "../principal.js";
import {
  CASH_STATEMENT_COLUMNS,
  HOLDING_COLUMNS,
  LABEL_COLUMNS,
  PARTICIPANT_COLUMNS,
  POSITION_COLUMNS,
  STATEMENT_COLUMNS,
  SUPPLY_COLUMNS,
} from "./past-columns.js";
import {
  cashStatementFileQuery,
  holdingsFileQuery,
  participantsFileQuery,
  positionsFileQuery,
  statementFileQuery,
  statementParams,
  supplyFileQuery,
} from "./past-schemas.js";
import type { AskedMoment, PageAt, Past } from "./past-service.js";
import { fileReply } from "./routes.js";

export interface PastExportDeps {
  readonly past: Past;
  readonly exports: Exports;
  /** Rows that an export reads at once; 5,000 when left out. */
  readonly rowsAtOnce?: number;
}

/** Of an export. */
const ROWS_AT_ONCE = 5_000;

const PROBLEMS = ["too-many-exports", "as-of-future", "as-of-too-early"] as const;
const OWN_ONLY = "A participant's key sees the participant's own.";

/** What was so at one moment, and the statement of an account, as files. */
export function pastExportRoutes(deps: PastExportDeps): Route[] {
  return [...ownedFiles(deps), ...publicFiles(deps), statementFile(deps), cashStatementFile(deps)];
}

function ownedFiles({ past, exports, rowsAtOnce }: PastExportDeps): Route[] {
  const holdings = defineRoute({
    ...fileRoute("holdings", "Who held which tonnes, as a file"),
    description: OWN_ONLY,
    access: "key",
    query: holdingsFileQuery,
    problems: ["forbidden", ...PROBLEMS],
    handle: ({ query, principal }) =>
      momentFile(exports, principal, "holdings", query, {
        rowsAtOnce,
        columns: HOLDING_COLUMNS,
        own: visibleParticipant(principal, query.participantId),
        read: (moment, filter, page) => past.holdings(principal, moment, filter, page),
      }),
  });

  const positions = defineRoute({
    ...fileRoute("positions", "What the exchange owed to whom, as a file"),
    description: OWN_ONLY,
    access: "key",
    query: positionsFileQuery,
    problems: ["forbidden", ...PROBLEMS],
    handle: ({ query, principal }) =>
      momentFile(exports, principal, "positions", query, {
        rowsAtOnce,
        columns: POSITION_COLUMNS,
        own: visibleParticipant(principal, query.participantId),
        read: (moment, filter, page) => past.positions(principal, moment, filter, page),
      }),
  });

  return [holdings, positions];
}

function publicFiles({ past, exports, rowsAtOnce }: PastExportDeps): Route[] {
  const batches = (["supply", "labels"] as const).map((subject) =>
    defineRoute({
      ...fileRoute(
        subject,
        subject === "supply"
          ? "Where the tonnes of each batch were, as a file"
          : "What each batch was authorised for, as a file",
      ),
      access: "public",
      query: supplyFileQuery,
      problems: PROBLEMS,
      handle: ({ query, principal }) =>
        momentFile(exports, principal, subject, query, {
          rowsAtOnce,
          columns: subject === "supply" ? SUPPLY_COLUMNS : LABEL_COLUMNS,
          read: (moment, filter, page) => past.supply(moment, filter, page),
        }),
    }),
  );

  const participants = defineRoute({
    ...fileRoute("participants", "Who took part, and with what standing, as a file"),
    access: "public",
    query: participantsFileQuery,
    problems: PROBLEMS,
    handle: ({ query, principal }) =>
      momentFile(exports, principal, "participants", query, {
        rowsAtOnce,
        columns: PARTICIPANT_COLUMNS,
        read: (moment, filter, page) => past.participants(moment, filter, page),
      }),
  });

  return [...batches, participants];
}

function statementFile({ past, exports, rowsAtOnce = ROWS_AT_ONCE }: PastExportDeps): Route {
  return defineRoute({
    method: "get",
    path: "/accounts/{address}/statement/export",
    summary: "The statement of units of an account between two days, as a file",
    description: `The opening of each batch, all movements, the closing of each batch. ${OWN_ONLY}`,
    tag: EXPORTS_TAG,
    access: "key",
    params: statementParams,
    query: statementFileQuery,
    answers: FILE,
    problems: PROBLEMS,
    async handle({ params, query, principal }) {
      const account = params.address;
      const { from, to, batch, format } = query;
      const { moment, pages } = await past.wholeStatement(principal, {
        account,
        batch,
        from: dayStart(from),
        to: dayEnd(to),
        rowsAtOnce,
      });
      const asked = given({ account, from, to, batch });
      const order = {
        principal,
        subject: "statement",
        format,
        query: asked,
        moment,
        columns: STATEMENT_COLUMNS,
        pages,
      };
      return fileReply(await exports.open(order));
    },
  });
}

function cashStatementFile({ past, exports, rowsAtOnce = ROWS_AT_ONCE }: PastExportDeps): Route {
  return defineRoute({
    method: "get",
    path: "/cash/statement/export",
    summary: "The statement of money of an account between two days, as a file",
    description: `The opening, all movements, however many, and the closing. ${OWN_ONLY}`,
    tag: EXPORTS_TAG,
    access: "key",
    query: cashStatementFileQuery,
    answers: FILE,
    problems: ["not-found", ...PROBLEMS],
    async handle({ query, principal }) {
      const { account, from, to, place, format } = query;
      const asked = { account, from, to, place };
      const { moment, pages } = await past.wholeCashStatement(principal, { ...asked, rowsAtOnce });
      const order = { principal, subject: "cash-statement", format, query: asked, moment, pages };
      return fileReply(await exports.open({ ...order, columns: CASH_STATEMENT_COLUMNS }));
    },
  });
}

const FILE = { 200: { description: "The file.", contentTypes: EXPORT_TYPES } };

function fileRoute<Subject extends string>(subject: Subject, summary: string) {
  return { method: "get", path: `/as-of/${subject}/export`, summary, tag: EXPORTS_TAG, answers: FILE } as const;
}

type FileQuery = AskedMoment &
  z.output<typeof holdingsFileQuery | typeof supplyFileQuery | typeof participantsFileQuery>;

interface MomentFile<Item, Filter> {
  readonly rowsAtOnce: number | undefined;
  readonly columns: readonly Column<Item>[];
  /** Whose rows only; undefined: everybody's. */
  readonly own?: number | undefined;
  read(moment: AskedMoment, filter: Filter, page: PageRequest): Promise<PageAt<Item>>;
}

/** The first part says which moment it is, and refuses what cannot be had; the others are of the same block. */
async function momentFile<Item, Query extends Partial<FileQuery>>(
  exports: Exports,
  principal: Principal,
  subject: string,
  query: Query & Pick<FileQuery, "format">,
  {
    columns,
    own,
    read,
    rowsAtOnce: limit = ROWS_AT_ONCE,
  }: MomentFile<Item, Omit<Query, keyof AskedMoment | "format" | "minBlock">>,
): Promise<Reply> {
  const { block, at, format, minBlock: _, ...filter } = query;
  const first = await read({ block, at }, filter, { limit });
  const asOf = { block: first.moment.blockNumber };
  const pages: RowPages<Item> = (async function* () {
    let part = first;
    yield part.items;
    while (part.next !== null) {
      part = await read(asOf, filter, { limit, cursor: part.next });
      yield part.items;
    }
  })();
  const asked = given({ ...filter, participantId: own });
  return fileReply(
    await exports.open({ principal, subject, format, query: asked, moment: first.moment, columns, pages }),
  );
}

/** Without what was left out; cash by its name. */
function given(asked: Readonly<Record<string, unknown>>): JsonObject {
  const named = Object.entries(asked).filter(([, value]) => value !== undefined);
  return Object.fromEntries(named.map(([name, value]) => [name, value === "" ? "cash" : value])) as JsonObject;
}
