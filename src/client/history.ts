import { collection, paged, pages, read, readBytes, readStream, segment } from "./calls.js";
import type {
  HistoryFilters,
  HistoryGrouping,
  HistoryRecords,
  HistorySort,
  HistorySubject,
  HistoryTotals,
} from "./history-types.js";
import type * as p from "./past-types.js";
import type { ReadOptions } from "./requests.js";
import type { FileAnswer, Transport } from "./transport.js";
import type { Address, Day } from "./types.js";

export type ExportFormat = "csv" | "ndjson" | "parquet";

/** A file as it comes: read it to its end, and its manifest says what it is. */
export interface ExportDownload extends FileAnswer<ReadableStream<Uint8Array<ArrayBuffer>>> {
  /** Of `client.exports`. */
  readonly id: string;
}

type OneMinBlock = Pick<ReadOptions, "minBlock" | "signal">;

/** Everything that happened, searched and added up; what was so at an earlier moment; whole histories as files. */
export function historyCalls(send: Transport) {
  return {
    history: {
      retirements: subject(send, "retirements"),
      cancellations: subject(send, "cancellations"),
      issuances: subject(send, "issuances"),
      /** A participant's key sees its own transfers and trades. */
      transfers: subject(send, "transfers"),
      trades: subject(send, "trades"),
    },
    asOf: asOf(send),
    serials: {
      /** The life of one tonne, by `BATCH:NUMBER`. */
      get: (serial: string, options?: OneMinBlock) =>
        read<p.SerialLife>(send, `/v1/serials/${segment(serial)}`, options),
    },
    exports: {
      ...collection<p.Export>(send, "/v1/exports"),
      /** Its signed manifest, as the exact bytes that `carbon verify` takes: keep them beside the file. */
      manifest: (id: string) => readBytes(send, `/v1/exports/${segment(id)}/manifest`),
    },
  };
}

function subject<S extends HistorySubject>(send: Transport, name: S) {
  const path = `/v1/history/${name}`;
  type Filter = HistoryFilters[S];
  const { list, all } = paged<HistoryRecords[S], Filter & { sort?: HistorySort<S> }>((filter) =>
    read(send, path, filter),
  );
  return {
    /** One page, the newest first if not sorted otherwise. */
    list,
    all,
    /** Sums of all that fits, and of each group. */
    totals: (filter?: Filter & { groupBy?: HistoryGrouping<S> } & OneMinBlock) =>
      read<HistoryTotals>(send, `${path}/totals`, filter),
    /** All that fits as a file, the oldest first. What breaks off must be asked for anew. */
    export: (filter?: Filter & FileOptions) => download(send, path, filter),
  };
}

/** How a file is asked for. */
export type FileOptions = { readonly format?: ExportFormat; readonly signal?: AbortSignal };

/** A file of `PATH/export`, and its id. */
export async function download(send: Transport, path: string, filter?: object): Promise<ExportDownload> {
  const file = await readStream(send, `${path}/export`, filter);
  return { ...file, id: file.headers.get("x-export-id") ?? "" };
}

type Owner = { readonly account?: Address; readonly participantId?: number; readonly batch?: string };
type OfBatch = { readonly project?: string; readonly batch?: string };

function asOf(send: Transport) {
  return {
    /** Who held which tonnes. A participant's key sees its own, as of positions. */
    holdings: past<p.PastHolding, Owner>(send, "holdings"),
    /** What the exchange owed to whom. `batch` may be `cash`. */
    positions: past<p.PastPosition, Owner>(send, "positions"),
    /** Where the tonnes of each batch were. */
    supply: past<p.PastSupply, OfBatch>(send, "supply"),
    /** What each batch was authorised for. */
    labels: past<p.PastLabels, OfBatch>(send, "labels"),
    participants: past<p.PastParticipant, { readonly id?: number }>(send, "participants"),
  };
}

/** All pages show one moment: that of the first. */
function past<Item, Filters extends object>(send: Transport, name: string) {
  type Asked = Filters & p.Moment & ReadOptions;
  const list = (filter?: Asked): Promise<p.PageAsOf<Item>> => read(send, `/v1/as-of/${name}`, filter);
  return {
    list,
    all: (filter?: Asked): AsyncGenerator<Item, void, undefined> => {
      let moment: p.Moment = {};
      return pages<Item, Filters & p.Moment>(async (one) => {
        const page = await list({ ...one, ...moment } as Asked);
        if (one?.at === undefined) moment = { block: page.asOf.block };
        return page;
      }, filter);
    },
    /** All of one moment as a file. */
    export: (filter?: Filters & p.Moment & FileOptions & OneMinBlock) => download(send, `/v1/as-of/${name}`, filter),
  };
}

type StatementFilter = { readonly from: Day; readonly to: Day; readonly batch?: string };

/** The statements of an account: of `client.accounts`. */
export function statementCalls(send: Transport) {
  const page = (account: Address, filter: StatementFilter & ReadOptions): Promise<p.UnitStatement> =>
    read(send, `/v1/accounts/${segment(account)}/statement`, filter);
  return {
    /** Opening, movements and closing of each batch between two days (UTC); movements come by the page. */
    statement: page,
    /** All movements of a statement. */
    statementLines: (account: Address, filter: StatementFilter & ReadOptions) =>
      pages<p.StatementLine, StatementFilter>((one) => page(account, { ...filter, ...one }), filter),
    /** A statement as a file: the opening of each batch, all movements, the closing of each batch. */
    statementExport: (account: Address, filter: StatementFilter & FileOptions & OneMinBlock) =>
      download(send, `/v1/accounts/${segment(account)}/statement`, filter),
  };
}
