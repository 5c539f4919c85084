import { randomBytes } from "node:crypto";
import canonicalize from "canonicalize";
import type { Signer } from "../chain/signers.js";
import type { Db } from "../db/connection.js";
import type { JsonObject } from "../db/inbox-tables.js";
import { Problem } from "../errors.js";
import type { Moment } from "../ledger/read/as-of.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import type { Logger } from "../logger.js";
import { principalName, type Principal } from "../principal.js";
import { createSweeper } from "../sweeper.js";
import { manifestDigest, type AuditDomain } from "../verify/attestation.js";
import { EXPORT_FORMAT, type ExportManifest } from "../verify/types.js";
import { encodeCsv } from "./csv.js";
import { encodeNdjson } from "./ndjson.js";
import { encodeParquet } from "./parquet.js";
import type { Column, Encoder, ExportFormat, RowPages } from "./ports.js";
import {
  abandonExport,
  abandonRunningExports,
  completeExport,
  findExport,
  firstIdOf,
  forgetExports,
  insertExport,
  listExports,
  type ExportOutcome,
  type ExportRecord,
} from "./store.js";
import { measured } from "./stream.js";

export interface ExportsDeps {
  readonly db: Db;
  /** Signs the manifests. */
  readonly service: Pick<Signer, "address" | "signDigest">;
  readonly domain: AuditDomain;
  readonly logger: Pick<Logger, "warn">;
  /** Milliseconds that a reader may take for one piece before it counts as gone; 60,000 when left out. */
  readonly patienceMs?: number;
}

/** What is to become a file. */
export interface ExportOrder<Row> {
  readonly principal: Principal;
  readonly subject: string;
  readonly format: ExportFormat;
  /** What was asked for, as far as it decides which rows come: part of the manifest. */
  readonly query: JsonObject;
  /** The rows are those up to this block. */
  readonly moment: Moment;
  readonly columns: readonly Column<Row>[];
  readonly pages: RowPages<Row>;
}

/** A file that is made while it is read. */
export interface OpenExport {
  readonly id: string;
  /** Media type with its parameters. */
  readonly type: string;
  readonly fileName: string;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface KnownExport extends ExportRecord {
  /** Null until it is complete. */
  readonly manifest: ExportManifest | null;
}

export interface Exports {
  /** Tidies up after a process that ended in the middle of exports, and forgets old ones from then on. */
  start(): void;
  stop(): Promise<void>;
  /** Forgets exports that are older than they are kept for: `ABANDONED_DAYS` without a manifest, `COMPLETE_DAYS` with one. */
  sweep(now?: number): Promise<void>;
  /** @throws Problem `too-many-exports` */
  open<Row>(order: ExportOrder<Row>): Promise<OpenExport>;
  /** Whoever knows the id of what an anonymous reader asked for may see it. @throws Problem `not-found` */
  get(principal: Principal, id: string): Promise<KnownExport>;
  /** The principal's own; of an institution or an auditor, all. */
  list(principal: Principal, page: PageRequest): Promise<Page<KnownExport>>;
}

/** Exports at once, all together, and those of readers without a key: these can never keep the others out. */
const AT_ONCE = 4;
const ANONYMOUS_AT_ONCE = 2;
const PATIENCE_MS = 60_000;

/** Days that an export is known here. Its manifest is kept by whoever has the file. */
export const ABANDONED_DAYS = 7;
export const COMPLETE_DAYS = 90;
const DAY_MS = 86_400_000;
const SWEEP_MS = 3_600_000;
/** Forgotten in one statement. */
const FORGOTTEN_AT_ONCE = 1_000;

const ENCODERS: Readonly<Record<ExportFormat, { readonly type: string; readonly encode: Encoder }>> = {
  csv: { type: "text/csv; charset=utf-8", encode: encodeCsv },
  ndjson: { type: "application/x-ndjson", encode: encodeNdjson },
  parquet: { type: "application/vnd.apache.parquet", encode: encodeParquet },
};

export function createExports(deps: ExportsDeps): Exports {
  const { db, domain } = deps;
  const running = new Map<string, Principal["kind"]>();

  function takePlace(id: string, { kind }: Principal): void {
    const anonymous = [...running.values()].filter((other) => other === "anonymous").length;
    if (running.size >= AT_ONCE || (kind === "anonymous" && anonymous >= ANONYMOUS_AT_ONCE))
      throw new Problem("too-many-exports", `${running.size} exports are being read now.`);
    running.set(id, kind);
  }

  const withManifest = (record: ExportRecord): KnownExport => ({ ...record, manifest: manifestOf(record) });

  async function sweep(now = Date.now()): Promise<void> {
    for (const [status, days] of [
      ["abandoned", ABANDONED_DAYS],
      ["complete", COMPLETE_DAYS],
    ] as const) {
      const olderThan = new Date(now - days * DAY_MS);
      while ((await forgetExports(db, { olderThan, status, limit: FORGOTTEN_AT_ONCE })) === FORGOTTEN_AT_ONCE);
    }
  }
  const sweeper = createSweeper({ name: "exports", everyMs: SWEEP_MS, run: () => sweep(), logger: deps.logger });

  return {
    sweep,
    stop: () => sweeper.stop(),

    start() {
      sweeper.start();
      abandonRunningExports(db).catch((error: unknown) =>
        deps.logger.warn({ err: error }, "exports of an earlier process could not be marked"),
      );
    },

    async open({ principal, subject, format, query, moment, columns, pages }) {
      const id = newId();
      const { type, encode } = ENCODERS[format];
      const { blockNumber, blockHash } = moment;
      const record = { id, principal: principalName(principal), subject, format, query, blockNumber, blockHash };
      takePlace(id, principal);
      try {
        await insertExport(db, record);
      } catch (error) {
        running.delete(id);
        throw error;
      }
      let rows = 0n;
      const counted = async function* () {
        for await (const page of pages) {
          rows += BigInt(page.length);
          yield page;
        }
      };
      const body = measured(encode(columns, counted()), {
        patienceMs: deps.patienceMs ?? PATIENCE_MS,
        async complete({ bytes, sha256 }) {
          await completeExport(db, id, await signed(deps.service, domain, record, { rows, bytes, sha256 }));
          running.delete(id);
        },
        async abandon() {
          running.delete(id);
          await abandonExport(db, id).catch((error: unknown) =>
            deps.logger.warn({ err: error, export: id }, "an abandoned export could not be marked"),
          );
        },
      });
      return { id, type, fileName: `${subject}-${blockNumber}.${format}`, body };
    },

    async get(principal, id) {
      const record = await findExport(db, id);
      if (record === null || !maySee(principal, record)) throw new Problem("not-found", `There is no export ${id}.`);
      return withManifest(record);
    },

    async list(principal, page) {
      const isOwnOnly = principal.kind === "anonymous" || principal.scope === "participant";
      const { items, next } = await listExports(db, isOwnOnly ? principalName(principal) : undefined, page);
      return { items: items.map(withManifest), next };
    },
  };
}

/** Ids in the order of time, which nobody can guess. */
function newId(): string {
  return `${firstIdOf(new Date())}${randomBytes(10).toString("hex")}`;
}

function maySee(principal: Principal, record: ExportRecord): boolean {
  if (record.principal === "anonymous" || record.principal === principalName(principal)) return true;
  return principal.kind === "key" && principal.scope !== "participant";
}

type Begun = Pick<ExportRecord, "id" | "subject" | "format" | "query" | "blockNumber" | "blockHash">;

async function signed(
  service: ExportsDeps["service"],
  domain: AuditDomain,
  record: Begun,
  measures: Pick<ExportOutcome, "rows" | "bytes" | "sha256">,
): Promise<ExportOutcome> {
  const finishedAt = new Date(Math.floor(Date.now() / 1_000) * 1_000);
  const digest = manifestDigest(unsignedManifest(record, { ...measures, finishedAt }), domain);
  const signature = await service.signDigest(digest);
  return { ...measures, finishedAt, signer: service.address.toLowerCase(), signature: signature.toLowerCase() };
}

function manifestOf(record: ExportRecord): ExportManifest | null {
  const { outcome } = record;
  if (outcome === null) return null;
  return { ...unsignedManifest(record, outcome), signer: outcome.signer, signature: outcome.signature };
}

function unsignedManifest(
  { id, subject, format, query, blockNumber, blockHash }: Begun,
  { rows, bytes, sha256, finishedAt }: Omit<ExportOutcome, "signer" | "signature">,
): Omit<ExportManifest, "signer" | "signature"> {
  return {
    format: EXPORT_FORMAT,
    id,
    subject,
    fileFormat: format,
    query: canonicalize(query) ?? "{}",
    blockNumber: blockNumber.toString(),
    blockHash,
    rows: rows.toString(),
    bytes: bytes.toString(),
    sha256,
    finishedAt: String(finishedAt.getTime() / 1_000),
  };
}
