/** Invented exports in the layouts of the registries. */

const VERRA_HEADER =
  "Issuance Date,Sustainable Development Goals,Vintage Start,Vintage End,ID,Name,Country/Area,Project Type,Methodology," +
  "Total Vintage Quantity,Quantity Issued,Serial Number,Additional Certifications,Retirement/Cancellation Date," +
  "Retirement Beneficiary,Retirement Reason,Retirement Details";

export interface VerraRow {
  readonly project?: string;
  readonly year?: number;
  readonly series?: string;
  readonly start: number;
  readonly tonnes: number;
  readonly total?: number;
  /** In place of what follows from the block. */
  readonly quantity?: string;
  readonly name?: string;
  readonly retired?: string;
  readonly beneficiary?: string;
  readonly reason?: string;
  readonly details?: string;
}

/** The text of an export of Verra's transactions. */
export function verraFile(rows: readonly VerraRow[], header = VERRA_HEADER): string {
  return [header, ...rows.map(verraLine), ""].join("\n");
}

function verraLine(row: VerraRow): string {
  const { project = "901", year = 2020, series = "7001", start, tonnes, total = 1_000_000 } = row;
  const serial = `${series}-${start}-${start + tonnes - 1}-VCS-VCU-576-VER-PY-14-${project}-0101${year}-3112${year}-0`;
  const cells = [
    ...[`${year + 1}-04-03`, "", `${year}-01-01`, `${year}-12-31`, project, row.name ?? "An invented wood", "Paraguay"],
    ...["Forestry", "VM0007", total.toLocaleString("en"), row.quantity ?? tonnes.toLocaleString("en"), serial, ""],
    ...[row.retired ?? "", row.beneficiary ?? "", row.reason ?? "", row.details ?? ""],
  ];
  return cells.map((cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",");
}

const GOLD_HEADER =
  "Vintage,Credit Status,Quantity,GSID,Project Name,Country,Product Type,Project Type,Methodology,Issuance Date,Retirement Date," +
  "Monitoring Period Start,Monitoring Period End,Serial Number,Note,Use Case,Using Entity";

export interface GoldRow {
  readonly status?: string;
  readonly product?: string;
  readonly series?: string;
  readonly start: number;
  readonly tonnes: number;
  readonly retired?: string;
}

/** The text of an export of Gold Standard's issuances or retirements. */
export function goldFile(rows: readonly GoldRow[]): string {
  return [GOLD_HEADER, ...rows.map(goldLine), ""].join("\n");
}

function goldLine({
  status = "Issued",
  product = "VER",
  series = "31001",
  start,
  tonnes,
  retired = "",
}: GoldRow): string {
  const serial = `GS1-1-KE-GS905-16-2024-${series}-${start}-${start + tonnes - 1}`;
  return [
    ...[
      "2024",
      status,
      String(tonnes),
      "905",
      "Invented stoves",
      "Kenya",
      product,
      "Stoves",
      "TPDDTEC",
      "2025-03-01",
      retired,
    ],
    ...["2024-01-01", "2024-12-31", serial, "A note", "Voluntary", retired === "" ? "" : "Invented Ltd"],
  ].join(",");
}
