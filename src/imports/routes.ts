import { defineRoute, ok, type Route } from "../http/route.js";
import { reportOf } from "./report.js";
import {
  IMPORT_PHASES,
  importPage,
  importParams,
  importQuery,
  importSchema,
  newImportForm,
  rowPage,
  rowQuery,
  totalsQuery,
  totalsSchema,
} from "./schemas.js";
import type { ImportRecord, Imports } from "./service.js";

const TAG = "Imports";
/** Ten times the largest export that is known. */
const MAX_FILE_BYTES = 1024 * 1024 * 1024;
const READERS = "A participant's key sees the imports for that participant.";

export function importRoutes(imports: Imports): Route[] {
  return [...importActs(imports), ...importReads(imports)];
}

function importActs(imports: Imports): Route[] {
  const create = defineRoute({
    method: "post",
    path: "/imports",
    summary: "Import another registry's export",
    description:
      "A form with a CSV file. All rows are checked before anything is sent, and nothing is sent when one cannot be taken. Then another " +
      "registrar, a verifier and, when units are retired or cancelled, the owner consent at `/imports/{id}/consents`. The same file again " +
      "is the same import: 200, and nothing happens twice.",
    tag: TAG,
    access: { roles: ["registrar"] },
    upload: { field: "file", maxBytes: MAX_FILE_BYTES },
    body: newImportForm,
    answers: {
      200: { description: "The file is being imported, or is, already.", schema: importSchema },
      201: { description: "It is being checked.", schema: importSchema },
    },
    problems: ["participants-unknown", "registry-owner-not-capable", "account-unknown", "import-under-way"],
    async handle({ principal, body, file }) {
      if (file === undefined) throw new Error("An upload has no file");
      const { registry, owner, account, dryRun, encoding } = body;
      const request = { registry, ownerId: owner, account, dryRun, encoding };
      const { record, isNew } = await imports.receive(principal, request, file);
      return { status: isNew ? 201 : 200, body: importItem(record), headers: { location: `/v1/imports/${record.id}` } };
    },
  });

  const consent = defineRoute({
    method: "post",
    path: "/imports/{id}/consents",
    summary: "Consent to an import",
    description:
      "As what the key is: another registrar than the one who began it, a verifier, or the owner (with a managed account). The acts of the " +
      "import are then signed with that account. With the last consent the import begins.",
    tag: TAG,
    access: { scopes: ["participant"], roles: ["registrar", "verifier"] },
    params: importParams,
    answers: { 200: { description: "The import.", schema: importSchema } },
    problems: ["not-found", "import-not-waiting", "registry-same-registrar", "signer-unavailable"],
    handle: async ({ principal, params }) => ok(importItem(await imports.consent(principal, params.id))),
  });

  return [create, consent];
}

function importReads(imports: Imports): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/imports",
    summary: "Imports, the latest first",
    description: READERS,
    tag: TAG,
    access: "key",
    query: importQuery,
    answers: { 200: { description: "A page.", schema: importPage } },
    async handle({ principal, query: { status, ...page } }) {
      const { items, next } = await imports.list(principal, status, page);
      return ok({ items: items.map(importItem), next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/imports/{id}",
    summary: "An import, and how far it is",
    description: READERS,
    tag: TAG,
    access: "key",
    params: importParams,
    answers: { 200: { description: "The import.", schema: importSchema } },
    handle: async ({ principal, params }) => ok(importItem(await imports.get(principal, params.id))),
  });

  const rows = defineRoute({
    method: "get",
    path: "/imports/{id}/rows",
    summary: "What became of each row",
    description: READERS,
    tag: TAG,
    access: "key",
    params: importParams,
    query: rowQuery,
    answers: { 200: { description: "A page, in the order of the file.", schema: rowPage } },
    handle: async ({ principal, params, query: { refused, ...page } }) =>
      ok(await imports.rows(principal, params.id, refused, page)),
  });

  const report = defineRoute({
    method: "get",
    path: "/imports/{id}/report",
    summary: "What became of each row, as a CSV file",
    description: READERS,
    tag: TAG,
    access: "key",
    params: importParams,
    answers: { 200: { description: "UTF-8, with a header.", contentTypes: ["text/csv"] } },
    async handle({ principal, params }) {
      const { id } = await imports.get(principal, params.id);
      const body = reportOf((page) => imports.rows(principal, id, false, page));
      return {
        status: 200,
        content: { type: "text/csv; charset=utf-8", body, fileName: `import-${id.slice(0, 12)}.csv` },
      };
    },
  });

  const totals = defineRoute({
    method: "get",
    path: "/imports/{id}/totals",
    summary: "The file's sums, and what the ledger has of them",
    description: READERS,
    tag: TAG,
    access: "key",
    params: importParams,
    query: totalsQuery,
    answers: { 200: { description: "In the order of the keys.", schema: totalsSchema } },
    handle: async ({ principal, params, query }) => ok({ items: await imports.totals(principal, params.id, query.by) }),
  });

  return [list, one, rows, report, totals];
}

function importItem(record: ImportRecord) {
  const self = `/v1/imports/${record.id}`;
  return {
    id: record.id,
    status: record.status,
    registry: record.registry,
    layout: record.layout,
    fileName: record.file_name,
    fileSha256: record.file_sha256,
    bytes: record.bytes,
    encoding: record.encoding,
    dryRun: record.dry_run,
    ownerId: record.owner_id,
    account: record.account,
    rows: record.rows,
    refusedRows: record.refused,
    knownRows: record.known,
    phase: record.status === "running" ? (IMPORT_PHASES[record.phase] ?? null) : null,
    phaseDone: record.phase_done,
    phaseTotal: record.phase_total,
    consents: consentsOf(record),
    problem: record.problem,
    createdAt: record.created_at.toISOString(),
    updatedAt: record.updated_at.toISOString(),
    endedAt: record.ended_at?.toISOString() ?? null,
    links: { self, rows: `${self}/rows`, report: `${self}/report`, totals: `${self}/totals` },
  };
}

function consentsOf({ approver, verifier, holder, has_ends: hasEnds, dry_run: isDry, status }: ImportRecord) {
  const parties = [
    { name: "registrar", given: approver },
    { name: "verifier", given: verifier },
    ...(hasEnds ? [{ name: "owner", given: holder }] : []),
  ];
  const isNeeded = !isDry && status !== "final" && status !== "refused";
  return {
    given: parties.filter(({ given }) => given !== null).map(({ name }) => name),
    missing: isNeeded ? parties.filter(({ given }) => given === null).map(({ name }) => name) : [],
  };
}
