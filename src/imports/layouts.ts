import type { ImportRegistry } from "../db/import-tables.js";
import type { JsonObject } from "../db/inbox-tables.js";
import { checkLength, goldSerial, verraSerial, type ForeignBlock } from "./foreign-serials.js";
import { projectRow, type ProjectRow } from "./project-layouts.js";
import { americanDayOf, dayOf, daysOfYear, quantityOf, quoted, RowRefusal, yearOf, yearOfDay } from "./values.js";

/** Tonnes of a project, as a row of an export has them. Days are numbers of days since 1970-01-01. */
export interface UnitRow {
  readonly kind: "units";
  readonly project: string;
  readonly projectName: string;
  readonly projectSource: JsonObject;
  readonly periodStart: number;
  readonly periodEnd: number;
  readonly vintage: number;
  readonly tonnes: bigint;
  /** What was verified in the period, as far as the export says. */
  readonly verified: bigint | null;
  /** Null where the export has no serial numbers. */
  readonly block: ForeignBlock | null;
  readonly issuedOn: number | null;
  readonly ends: "retired" | "cancelled" | null;
  readonly endedOn: number | null;
  readonly beneficiary: string | null;
  readonly reason: string | null;
  readonly note: string | null;
  /** What goes into the public record of the issuance. */
  readonly source: JsonObject;
}

export type ReadRow = UnitRow | ProjectRow;

/** Cells of a row by column. A column that is not there is empty. */
export type Cells = (column: string) => string;

export interface Layout {
  readonly name: string;
  readonly registry: ImportRegistry;
  /** Columns that make out the layout, as `normalised` writes them. Others are allowed. */
  readonly columns: readonly string[];
  /** @throws RowRefusal */
  read(cells: Cells): ReadRow;
}

/** The header cell as layouts know it: line breaks and runs of blanks are one blank, and letters are small. */
export function normalised(header: string): string {
  return header.replaceAll(/\s+/g, " ").trim().toLowerCase();
}

const VERRA_TRANSACTIONS: Layout = {
  name: "verra-transactions",
  registry: "verra",
  columns: [
    ...["issuance date", "vintage start", "vintage end", "id", "name", "total vintage quantity", "quantity issued"],
    ...["serial number", "retirement/cancellation date", "retirement beneficiary", "retirement reason"],
  ],
  read(cells) {
    const serial = verraSerial(cells("serial number"));
    const tonnes = quantityOf(cells("quantity issued"), "Quantity Issued");
    checkLength(serial, tonnes);
    const [id, name] = [cells("id"), cells("name")];
    if (serial.project !== id) {
      throw new RowRefusal(
        "serial-invalid",
        `The serial number is of project ${serial.project}, the row of ${quoted(id)}.`,
      );
    }
    const periodStart = dayOf(cells("vintage start"), "Vintage Start");
    const periodEnd = dayOf(cells("vintage end"), "Vintage End");
    if (serial.vintageStart !== periodStart || serial.vintageEnd !== periodEnd) {
      throw new RowRefusal("serial-invalid", "The serial number's vintage is not that of the row.");
    }
    const issuedOn = dayOf(cells("issuance date"), "Issuance Date");
    const ended = cells("retirement/cancellation date");
    const reason = cells("retirement reason");
    const isCancelled = /cancel/i.test(reason);
    return units({
      project: `VCS-${id}`,
      projectName: name,
      projectSource: projectSource("VCS", "Verified Carbon Standard", id, name, {
        country: cells("country/area"),
        projectType: cells("project type"),
        methodology: cells("methodology"),
      }),
      periodStart,
      periodEnd,
      vintage: yearOfDay(periodStart),
      tonnes,
      verified: quantityOf(cells("total vintage quantity"), "Total Vintage Quantity"),
      block: serial,
      issuedOn,
      ends: ended === "" ? null : isCancelled ? "cancelled" : "retired",
      endedOn: ended === "" ? null : dayOf(ended, "Retirement/Cancellation Date"),
      beneficiary: cells("retirement beneficiary"),
      reason,
      note: cells("retirement details"),
      source: {
        serialNumber: cells("serial number"),
        issuanceDate: cells("issuance date"),
        additionalCertifications: cells("additional certifications"),
        sustainableDevelopmentGoals: cells("sustainable development goals"),
      },
    });
  },
};

const GOLD_COMMON = ["vintage", "credit status", "quantity", "gsid", "project name", "product type", "issuance date"];
const GOLD_PERIOD = ["monitoring period start", "monitoring period end", "serial number"];

const GOLD_RETIREMENTS: Layout = {
  name: "gold-standard-retirements",
  registry: "gold-standard",
  columns: [...GOLD_COMMON, ...GOLD_PERIOD, "retirement date", "using entity", "use case"],
  read: goldRow,
};

const GOLD_ISSUANCES: Layout = {
  name: "gold-standard-issuances",
  registry: "gold-standard",
  columns: [...GOLD_COMMON, ...GOLD_PERIOD],
  read: goldRow,
};

const GOLD_STATES: Readonly<Record<string, UnitRow["ends"]>> = {
  issued: null,
  retired: "retired",
  canceled: "cancelled",
  cancelled: "cancelled",
};

function goldRow(cells: Cells): UnitRow {
  const product = cells("product type");
  if (product === "PER") {
    throw new RowRefusal("planned-units", "Planned emission reductions (PER) are no issued credits.");
  }
  const ends = GOLD_STATES[cells("credit status").toLowerCase()];
  if (ends === undefined) {
    throw new RowRefusal("status-unknown", `The credit status is ${quoted(cells("credit status"))}.`);
  }
  const serial = goldSerial(cells("serial number"));
  const tonnes = quantityOf(cells("quantity"), "Quantity");
  checkLength(serial, tonnes);
  const [id, name] = [cells("gsid"), cells("project name")];
  const vintage = yearOf(cells("vintage"), "Vintage");
  if ((serial.project ?? id) !== id || (serial.vintage ?? vintage) !== vintage) {
    throw new RowRefusal("serial-invalid", "The serial number is of another project or vintage than the row.");
  }
  const ended = cells("retirement date");
  return units({
    project: `GS-${id}`,
    projectName: name,
    projectSource: projectSource("GS", "Gold Standard", id, name, {
      country: cells("country"),
      projectType: cells("project type"),
      methodology: cells("methodology"),
    }),
    periodStart: dayOf(cells("monitoring period start"), "Monitoring Period Start"),
    periodEnd: dayOf(cells("monitoring period end"), "Monitoring Period End"),
    vintage,
    tonnes,
    verified: null,
    block: serial,
    issuedOn: dayOf(cells("issuance date"), "Issuance Date"),
    ends,
    endedOn: ended === "" ? null : dayOf(ended, "Retirement Date"),
    beneficiary: cells("using entity"),
    reason: cells("use case"),
    note: cells("note"),
    source: {
      serialNumber: cells("serial number"),
      issuanceDate: cells("issuance date"),
      productType: product,
      label: cells("label"),
      articleSixAuthorization: cells("article six authorization"),
    },
  });
}

const VROD_ISSUANCES: Layout = {
  name: "vrod-issuances",
  registry: "vrod",
  columns: ["project id", "vcs + id", "vintage year", "issuance date", "project name", "credits issued"],
  read(cells) {
    const id = cells("project id");
    const vintage = yearOf(cells("vintage year"), "Vintage Year");
    const { start, end } = daysOfYear(vintage);
    const name = cells("project name");
    return units({
      project: `VCS-${id}`,
      projectName: name,
      projectSource: projectSource("VCS", "Verified Carbon Standard", id, name, {}),
      periodStart: start,
      periodEnd: end,
      vintage,
      tonnes: quantityOf(cells("credits issued"), "Credits Issued"),
      verified: null,
      block: null,
      issuedOn: americanDayOf(cells("issuance date"), "Issuance Date"),
      ends: null,
      endedOn: null,
      beneficiary: null,
      reason: null,
      note: null,
      source: { issuanceDate: cells("issuance date"), uniqueVintage: cells("unique vintages") },
    });
  },
};

const VERRA_PROJECTS: Layout = {
  name: "verra-projects",
  registry: "verra",
  columns: ["id", "name", "proponent", "status", "country/area", "estimated annual emission reductions"],
  read: (cells) =>
    projectRow("VCS", cells("id"), cells("status"), {
      ...projectSource("VCS", "Verified Carbon Standard", cells("id"), cells("name"), {
        country: cells("country/area"),
        projectType: cells("project type"),
        methodology: cells("methodology"),
      }),
      ...told({ proponent: cells("proponent"), registryStatus: cells("status") }),
    }),
};

const GOLD_PROJECTS: Layout = {
  name: "gold-standard-projects",
  registry: "gold-standard",
  columns: ["gsid", "project name", "project developer name", "status", "country", "size"],
  read: (cells) =>
    projectRow("GS", cells("gsid"), cells("status"), {
      ...projectSource("GS", "Gold Standard", cells("gsid"), cells("project name"), {
        country: cells("country"),
        projectType: cells("project type"),
        methodology: cells("methodology"),
      }),
      ...told({ description: cells("description"), registryStatus: cells("status") }),
    }),
};

/** The most particular first: an export of retirements has all columns of one of issuances. */
export const LAYOUTS: readonly Layout[] = [
  VERRA_TRANSACTIONS,
  VERRA_PROJECTS,
  GOLD_RETIREMENTS,
  GOLD_ISSUANCES,
  GOLD_PROJECTS,
  VROD_ISSUANCES,
];

/** The layout of a header, or what the nearest one of the registry lacks. @param header Normalised. */
export function layoutOf(
  registry: ImportRegistry,
  header: readonly string[],
): Layout | { readonly nearest: string; readonly missing: readonly string[] } {
  const candidates = LAYOUTS.filter((layout) => layout.registry === registry).map((layout) => ({
    layout,
    missing: layout.columns.filter((column) => !header.includes(column)),
  }));
  const fitting = candidates.find(({ missing }) => missing.length === 0);
  if (fitting !== undefined) return fitting.layout;
  const [nearest] = candidates.toSorted((a, b) => a.missing.length - b.missing.length);
  return { nearest: nearest?.layout.name ?? "", missing: nearest?.missing ?? [] };
}

function projectSource(
  programme: string,
  programmeName: string,
  id: string,
  name: string,
  more: Readonly<Record<string, string>>,
): JsonObject {
  return { name: name === "" ? `${programme} ${id}` : name, programme, programmeName, registryId: id, ...told(more) };
}

/** Without what is empty. */
function told(members: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== ""));
}

/** What holds in every layout. @throws RowRefusal */
function units(row: Omit<UnitRow, "kind">): UnitRow {
  const { periodStart, periodEnd, vintage, issuedOn, endedOn, project } = row;
  if (!/^[A-Z]+-\d{1,9}$/.test(project))
    throw new RowRefusal("code-invalid", `${quoted(project)} is no project's number.`);
  if (periodStart > periodEnd) throw new RowRefusal("date-invalid", "The period ends before it begins.");
  const year = daysOfYear(vintage);
  if (year.start > periodEnd || year.end < periodStart) {
    throw new RowRefusal("vintage-outside-period", `The vintage ${vintage} is no year of the monitoring period.`);
  }
  const today = Math.floor(Date.now() / 86_400_000);
  if (Math.max(issuedOn ?? 0, endedOn ?? 0) > today + 1)
    throw new RowRefusal("date-invalid", "A date is in the future.");
  if (issuedOn !== null && endedOn !== null && endedOn < issuedOn) {
    throw new RowRefusal("date-invalid", "The units were retired or cancelled before they were issued.");
  }
  const blank = (text: string | null): string | null => (text === null || text.trim() === "" ? null : text.trim());
  return {
    ...row,
    kind: "units",
    beneficiary: row.ends === null ? null : blank(row.beneficiary),
    reason: row.ends === null ? null : blank(row.reason),
    note: row.ends === null ? null : blank(row.note),
    source: told(row.source as Record<string, string>),
  };
}
