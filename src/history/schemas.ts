import { z } from "zod";
import { CODE_PATTERN } from "../chain/codes.js";
import { CANCELLATION_REASONS, PURPOSES } from "../chain/event-types.js";
import type { Column, ColumnKind } from "../exports/ports.js";
import { listQuery, minBlockQuery, pageOf } from "../http/pagination.js";
import {
  addressInput,
  blockNumberInput,
  codeInput,
  dateTime,
  dayInput,
  decimal,
  serialBlock,
  tonnesInput,
} from "../http/primitives.js";
import { GROUPS, type HistorySubject } from "../ledger/read/history-types.js";
import { wordsOf } from "../ledger/search-text.js";
import { columnsOf, type Names } from "./columns.js";
import { UNKNOWN_PROJECT } from "./names.js";

export const HISTORY_TAG = "History";

const words = (what: string) =>
  z
    .string()
    .max(200)
    .refine((text) => wordsOf(text).length > 0, "must have a letter or a digit")
    .refine((text) => wordsOf(text).length <= 20, "must have at most 20 words")
    .describe(
      `${what} Without regard to case and diacritics; the last word may be a beginning of three letters or more.`,
    );

const NO_ZERO = "must not have the zero character";
const exactText = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !text.includes("\u0000"), NO_ZERO);

const vintage = z
  .string()
  .regex(/^[1-9]\d{3}$/, "must be a year")
  .transform(Number);

/** `BATCH:NUMBER`; parsed. */
export const serialInput = z
  .string()
  .regex(/^[^:]{1,31}:[1-9]\d{0,17}$/, "must be a batch, a colon and a number from 1")
  .transform((text) => {
    const [batch = "", number = "0"] = text.split(":");
    return { batch, number: BigInt(number) };
  })
  .refine(({ batch }) => CODE_PATTERN.test(batch), "must begin with the code of a batch");

const ofBatches = {
  project: words("Code or name of the project.").optional(),
  programme: words("Code or name of the crediting programme.").optional(),
  methodology: words("Code or title of the methodology.").optional(),
  sector: words("Sector or type of the project.").optional(),
  vintage: vintage.optional(),
  batch: codeInput.optional(),
  from: dayInput.optional().describe("First day, UTC."),
  to: dayInput.optional().describe("Last day, UTC."),
  minTonnes: tonnesInput.optional(),
  maxTonnes: tonnesInput.optional(),
  upToBlock: blockNumberInput.optional().describe("Nothing that came after this block."),
};
const firm = words("Number, tax code or name of the firm.").optional();
const account = addressInput.optional();
const serial = serialInput.optional().describe("`BATCH:NUMBER`: what happened to this tonne.");
const q = words("Words of the record, all of them, anywhere in it.").optional();

const FILTERS = {
  retirements: {
    q,
    beneficiary: words("Words of the beneficiary's name.").optional(),
    beneficiaryId: exactText.optional(),
    firm,
    account,
    ...ofBatches,
    serial,
    purpose: z.enum(PURPOSES).optional(),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, "must be two capital letters")
      .optional()
      .describe("Of consumption, ISO 3166-1 alpha-2."),
    periodFrom: dayInput.optional().describe("The consumption period has a day from this one on."),
    periodTo: dayInput.optional().describe("The consumption period has a day up to this one."),
  },
  cancellations: { q, firm, account, ...ofBatches, serial, reason: z.enum(CANCELLATION_REASONS).optional() },
  issuances: { firm, account, ...ofBatches, serial },
  transfers: {
    firm,
    account: account.describe("On either side."),
    counterparty: addressInput.optional().describe("The other side."),
    ...ofBatches,
    serial,
    kind: z.enum(["transfer", "forced", "recovery"]).optional(),
  },
  trades: {
    firm,
    account: account.describe("On either side."),
    counterparty: addressInput.optional().describe("The other side."),
    ...ofBatches,
  },
};

/** Filters of a subject, with nothing else. */
export function filtersOf(subject: HistorySubject): z.ZodRawShape {
  return FILTERS[subject];
}

export function listQueryOf(subject: HistorySubject) {
  const sorts = subject === "retirements" ? ["newest", "oldest", "tonnes", "-tonnes"] : ["newest", "oldest"];
  const sort = z
    .enum(sorts as ["newest", "oldest", "tonnes", "-tonnes"])
    .optional()
    .transform((given) => given ?? "newest");
  return z.strictObject({ ...FILTERS[subject], sort, ...listQuery });
}

export function totalsQueryOf(subject: HistorySubject) {
  const groupBy = z
    .enum(groupingsOf(subject))
    .optional()
    .transform((given) => given ?? "none");
  return z.strictObject({ ...FILTERS[subject], groupBy, ...minBlockQuery });
}

function groupingsOf(subject: HistorySubject) {
  return [...GROUPS[subject], "programme", "methodology", "sector"] as const;
}

const NO_NAMES: Names = { project: () => UNKNOWN_PROJECT, firmName: () => null };
const NAMES: Readonly<Record<HistorySubject, string>> = {
  retirements: "RetirementRecord",
  cancellations: "CancellationRecord",
  issuances: "IssuanceRecord",
  transfers: "TransferRecord",
  trades: "TradeRecord",
};

const SCHEMAS: Readonly<Record<ColumnKind, z.ZodType>> = {
  text: z.string(),
  number: z.int(),
  integer: decimal,
  money: decimal,
  time: dateTime,
  blocks: z.array(serialBlock),
};

/** A page of a subject: the members are its columns. */
export function historyPage(subject: HistorySubject) {
  const members = columnsOf(subject, NO_NAMES).map((column) => [column.name, memberSchema(column)] as const);
  const links = z.strictObject({ self: z.string().nullable(), transaction: z.string() });
  return pageOf(z.strictObject({ ...Object.fromEntries(members), links }).meta({ id: NAMES[subject] }));
}

function memberSchema({ kind, isNullable, description }: Omit<Column<never>, "of">): z.ZodType {
  const schema = SCHEMAS[kind];
  const member = isNullable === true ? schema.nullable() : schema;
  return description === undefined ? member : member.describe(description);
}

const sums = {
  records: decimal,
  tonnes: decimal,
  value: decimal.nullable().describe("Of trades: tonnes times price, in minor units; null for the others."),
};

export const totalsSchema = z
  .strictObject({
    subject: z.string(),
    groupBy: z.string(),
    totals: z.strictObject(sums),
    items: z.array(
      z.strictObject({
        key: z.string().describe("Empty when the group has no name of its own; a month as `2024-01`."),
        name: z.string().nullable().describe("Of the project or the firm."),
        ...sums,
      }),
    ),
  })
  .meta({ id: "Totals" });
