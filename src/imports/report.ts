import type { Page, PageRequest } from "../ledger/read/page.js";
import type { RowView } from "./row-views.js";

const PAGE = 200;

const COLUMNS: readonly (readonly [
  name: string,
  cell: (row: RowView) => string | number | bigint | null | undefined,
])[] = [
  ["line", ({ line }) => line],
  ["status", ({ status }) => status],
  ["project", ({ project }) => project],
  ["vintage", ({ vintage }) => vintage],
  ["tonnes", ({ tonnes }) => tonnes],
  ["programme", ({ foreignBlock }) => foreignBlock?.programme],
  ["series", ({ foreignBlock }) => foreignBlock?.series],
  ["start", ({ foreignBlock }) => foreignBlock?.start],
  ["end", ({ foreignBlock }) => foreignBlock?.end],
  ["batch", ({ batch }) => batch],
  ["ends", ({ ends }) => ends],
  ["refusalCode", ({ refusal }) => refusal?.code],
  ["refusal", ({ refusal }) => refusal?.detail],
  ["proposalId", ({ proposalId }) => proposalId],
  ["approvalId", ({ approvalId }) => approvalId],
  ["endingId", ({ endingId }) => endingId],
  ["problem", ({ problem }) => problem],
];

/** All rows as CSV (RFC 4180, UTF-8), page by page. */
export async function* reportOf(rows: (page: PageRequest) => Promise<Page<RowView>>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${COLUMNS.map(([name]) => name).join(",")}\r\n`);
  let cursor: string | null | undefined;
  do {
    const page = await rows({ limit: PAGE, cursor: cursor ?? undefined });
    if (page.items.length > 0) yield Buffer.from(page.items.map(lineOf).join(""));
    cursor = page.next;
  } while (cursor !== null);
}

function lineOf(row: RowView): string {
  return `${COLUMNS.map(([, cell]) => quote(String(cell(row) ?? ""))).join(",")}\r\n`;
}

/** A text that a spreadsheet would take for a formula gets an apostrophe before it. */
function quote(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
