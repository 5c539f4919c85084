import { collection, paged, pages, read, readStream, segment } from "./calls.js";
import { sleepUnless } from "./patience.js";
import type { ReadOptions } from "./requests.js";
import type { Transport } from "./transport.js";
import type { Address, DateTime, Day, Decimal, ForeignBlock, ProblemDocument } from "./types.js";

export type ImportStatus = "checking" | "refused" | "checked" | "waiting" | "running" | "final" | "failed";
type Party = "registrar" | "verifier" | "owner";

/** Another registry's export on its way into the ledger. */
export interface Import {
  /** The same file of the same registry is the same import. */
  readonly id: string;
  /**
   * `refused`: nothing was sent. `checked`: a dry run without complaints. `waiting`: for those in `consents` that are missing. `failed`: what
   * was done stands, and the same file again goes on from there.
   */
  readonly status: ImportStatus;
  readonly registry: ImportRegistry;
  readonly layout: string | null;
  readonly fileName: string;
  readonly fileSha256: string;
  readonly bytes: Decimal;
  readonly encoding: "utf-8" | "windows-1252" | null;
  readonly dryRun: boolean;
  readonly ownerId: number;
  readonly account: Address;
  readonly rows: Decimal;
  readonly refusedRows: Decimal;
  /** That the ledger had already. */
  readonly knownRows: Decimal;
  /** While it runs. */
  readonly phase: "projects" | "statements" | "proposals" | "approvals" | "endings" | null;
  readonly phaseDone: Decimal;
  readonly phaseTotal: Decimal;
  readonly consents: { readonly given: readonly Party[]; readonly missing: readonly Party[] };
  readonly problem: ProblemDocument | null;
  readonly createdAt: DateTime;
  readonly updatedAt: DateTime;
  readonly endedAt: DateTime | null;
  readonly links: { readonly self: string; readonly rows: string; readonly report: string; readonly totals: string };
}

export type ImportRegistry = "verra" | "gold-standard" | "vrod";

export interface ImportRow {
  /** Counts the records of the file, from 1. */
  readonly number: Decimal;
  /** Where the record begins in the file. */
  readonly line: Decimal;
  readonly status: "refused" | "known" | "checked" | "pending" | "final" | "failed";
  readonly project: string | null;
  readonly vintage: number | null;
  readonly tonnes: Decimal | null;
  readonly periodStart: Day | null;
  readonly periodEnd: Day | null;
  readonly issuedOn: Day | null;
  readonly ends: "retired" | "cancelled" | null;
  readonly endedOn: Day | null;
  readonly foreignBlock: ForeignBlock | null;
  readonly batch: string | null;
  readonly refusal: { readonly code: string; readonly detail: string } | null;
  /** Operations; null for what is not to be done, or not begun. */
  readonly proposalId: string | null;
  readonly approvalId: string | null;
  readonly endingId: string | null;
  readonly problem: string | null;
}

export interface ImportTotals {
  readonly items: readonly {
    readonly key: string;
    readonly rows: Decimal;
    readonly fileTonnes: Decimal;
    readonly issuedTonnes: Decimal;
    readonly retiredTonnes: Decimal;
    readonly cancelledTonnes: Decimal;
  }[];
}

export interface NewImport {
  readonly registry: ImportRegistry;
  /** Participant who owns the projects, and whose account gets the units. */
  readonly owner: number;
  /** Default: the owner's first managed one. */
  readonly account?: Address;
  /** Check only. */
  readonly dryRun?: boolean;
  /** Default: UTF-8 if the file is that, otherwise Windows-1252. */
  readonly encoding?: "utf-8" | "windows-1252";
}

const ENDED: ReadonlySet<ImportStatus> = new Set(["refused", "checked", "final", "failed"]);
/** Between two looks at an import, in milliseconds: each wait is twice the one before. */
const FIRST_WAIT = 50;
const LONGEST_WAIT = 500;
/** A file may be a gigabyte, and nothing is heard while it is sent. */
const UPLOAD_MILLISECONDS = 1_800_000;

/** Exports of other registries, into the ledger. */
export function importCalls(send: Transport) {
  const path = "/v1/imports";
  const at = (id: string): string => `${path}/${segment(id)}`;
  const { get, list, all } = collection<Import, { status?: ImportStatus }>(send, path);
  const rows = (id: string) =>
    paged<ImportRow, { refused?: boolean }>((filter) => read(send, `${at(id)}/rows`, filter));

  return {
    get,
    list,
    all,
    /** @param file In Node, `await openAsBlob(path)` reads it while it is sent. The same file again is the same import. */
    create(file: Blob, { registry, owner, account, dryRun, encoding }: NewImport, fileName = "import.csv") {
      const body = new FormData();
      const fields = { registry, owner, account, dryRun, encoding };
      for (const [name, value] of Object.entries(fields)) if (value !== undefined) body.set(name, String(value));
      body.set("file", file, fileName);
      return send<Import>({
        method: "POST",
        path,
        body,
        repeatable: true,
        timeoutMilliseconds: UPLOAD_MILLISECONDS,
      });
    },
    /** As what the key is: another registrar, a verifier, or the owner. With the last consent it begins. */
    consent: (id: string) => send<Import>({ method: "POST", path: `${at(id)}/consents`, repeatable: true }),
    /** How far it is, whenever that has changed, until it has ended or waits for consents. */
    async *follow(id: string, signal?: AbortSignal): AsyncGenerator<Import, void, undefined> {
      let seen = "";
      for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
        const now = await get(id, signal === undefined ? {} : { signal });
        if (JSON.stringify(now) !== seen) yield now;
        seen = JSON.stringify(now);
        if (isAtRest(now)) return;
        await sleepUnless(wait, signal);
      }
    },
    /** What became of each row, in the order of the file: one page. */
    rows: (id: string, filter?: { refused?: boolean } & ReadOptions) => rows(id).list(filter),
    allRows: (id: string, filter?: { refused?: boolean } & ReadOptions) => pages(rows(id).list, filter),
    /** The same as a CSV file. */
    report: (id: string) => readStream(send, `${at(id)}/report`),
    /** The file's sums, and what the ledger has of them. */
    totals: (id: string, by: "project" | "vintage" | "year") => read<ImportTotals>(send, `${at(id)}/totals`, { by }),
  };
}

/** It has ended, or somebody must consent: with every consent it begins by itself. */
function isAtRest({ status, consents }: Import): boolean {
  return ENDED.has(status) || (status === "waiting" && consents.missing.length > 0);
}
