import { z } from "zod";
import { problemSchema } from "../http/act.js";
import { pageOf, pageQuery } from "../http/pagination.js";
import { address, addressInput, code, dateTime, day, decimal, idInput } from "../http/primitives.js";

export const IMPORT_STATUSES = ["checking", "refused", "checked", "waiting", "running", "final", "failed"] as const;
export const IMPORT_PHASES = ["projects", "statements", "proposals", "approvals", "endings"] as const;
const ROW_STATUSES = ["refused", "known", "checked", "pending", "final", "failed"] as const;
const CONSENTS = ["registrar", "verifier", "owner"] as const;

const registry = z.enum(["verra", "gold-standard", "vrod"]);
const encoding = z.enum(["utf-8", "windows-1252"]);

/** Fields of the form; the file stands beside them. */
export const newImportForm = z.strictObject({
  registry: registry.describe("Whose export it is; which of its layouts, the header tells."),
  owner: idInput.describe("Participant who owns the projects, and whose account gets the units."),
  account: addressInput.optional().describe("The owner's account; its first managed one when left out."),
  dryRun: z
    .enum(["true", "false"])
    .optional()
    .transform((text) => text === "true")
    .describe("Check only: nothing is sent, and nobody is asked to consent."),
  encoding: encoding.optional().describe("When left out: UTF-8 if the file is that, otherwise Windows-1252."),
});

export const importParams = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{64}$/, "must be an import's id: 64 hexadecimal digits"),
});

export const importQuery = z.strictObject({ ...pageQuery, status: z.enum(IMPORT_STATUSES).optional() });

export const rowQuery = z.strictObject({
  ...pageQuery,
  refused: z
    .enum(["true", "false"])
    .optional()
    .transform((text) => text === "true")
    .describe("Only those that cannot be taken."),
});

export const totalsQuery = z.strictObject({
  by: z.enum(["project", "vintage", "year"]).describe("`year`: of the issuance in the other registry."),
});

export const importSchema = z
  .strictObject({
    id: z.string().describe("SHA-256 of the registry's name and the file's hash: the same file is the same import."),
    status: z
      .enum(IMPORT_STATUSES)
      .describe(
        "`refused`: nothing was sent. `checked`: a dry run without complaints. `waiting`: for those in `consents` that are missing. " +
          "`failed`: what was done stands, and the same file again goes on from there.",
      ),
    registry,
    layout: z.string().nullable(),
    fileName: z.string(),
    fileSha256: z.string(),
    bytes: decimal,
    encoding: encoding.nullable(),
    dryRun: z.boolean(),
    ownerId: z.int(),
    account: address,
    rows: decimal,
    refusedRows: decimal,
    knownRows: decimal.describe("That the ledger had already: nothing is done about them."),
    phase: z.enum(IMPORT_PHASES).nullable().describe("While it runs."),
    phaseDone: decimal,
    phaseTotal: decimal,
    consents: z.strictObject({
      given: z.array(z.enum(CONSENTS)),
      missing: z.array(z.enum(CONSENTS)),
    }),
    problem: problemSchema.nullable(),
    createdAt: dateTime,
    updatedAt: dateTime,
    endedAt: dateTime.nullable(),
    links: z.strictObject({ self: z.string(), rows: z.string(), report: z.string(), totals: z.string() }),
  })
  .meta({ id: "Import" });

export const importPage = pageOf(importSchema);

export const rowSchema = z
  .strictObject({
    number: decimal.describe("Counts the records of the file, from 1; the header is none."),
    line: decimal.describe("Where the record begins in the file."),
    status: z.enum(ROW_STATUSES),
    project: code.nullable(),
    vintage: z.int().nullable(),
    tonnes: decimal.nullable(),
    periodStart: day.nullable(),
    periodEnd: day.nullable(),
    issuedOn: day.nullable(),
    ends: z.enum(["retired", "cancelled"]).nullable(),
    endedOn: day.nullable(),
    foreignBlock: z.strictObject({ programme: code, series: code, start: decimal, end: decimal }).nullable(),
    batch: code.nullable(),
    refusal: z.strictObject({ code: z.string(), detail: z.string() }).nullable(),
    proposalId: z.string().nullable().describe("Operations; null for what is not to be done, or not begun."),
    approvalId: z.string().nullable(),
    endingId: z.string().nullable().describe("Of the retirement or cancellation."),
    problem: z.string().nullable(),
  })
  .meta({ id: "ImportRow" });

export const rowPage = pageOf(rowSchema);

export const totalsSchema = z.strictObject({
  items: z.array(
    z.strictObject({
      key: z.string(),
      rows: decimal,
      fileTonnes: decimal.describe("What the rows of the file add up to."),
      issuedTonnes: decimal.describe("What the ledger has issued of the very serials of these rows."),
      retiredTonnes: decimal.describe("Of these, what is retired now."),
      cancelledTonnes: decimal.describe("Of these, what is cancelled now."),
    }),
  ),
});
