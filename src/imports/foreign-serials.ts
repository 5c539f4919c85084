import { quoted, RowRefusal, serialDayOf } from "./values.js";

/** A contiguous range of serial numbers of another registry, both ends included. */
export interface ForeignBlock {
  readonly programme: string;
  readonly series: string;
  readonly start: bigint;
  readonly end: bigint;
}

/** What a serial number of Verra says besides its range. */
export interface VerraSerial extends ForeignBlock {
  readonly project: string;
  readonly vintageStart: number;
  readonly vintageEnd: number;
}

/** What a serial number of Gold Standard says besides its range; null where its kind does not say it. */
export interface GoldSerial extends ForeignBlock {
  readonly project: string | null;
  readonly vintage: number | null;
}

/** `batch-start-end-[VCS-]VCU-vvb-registry-country-scope-project-from-to-additional`: 12 fields in old rows, 13 in new. */
const VERRA =
  /^(\d{1,12})-(\d{1,18})-(\d{1,18})-(?:VCS-)?VCU-(\w+)-(\w+)-([A-Z]{2})-([\d.]+)-(\d{1,7})-(\d{8})-(\d{8})-([01])$/;
/** `GS1-phase-country-GSproject-type-vintage-issuance-start-end`. */
const GOLD = /^GS1-\d+-[A-Z]{2}-GS(\d{1,7})-(\d+)-(\d{4})-(\d{1,12})-(\d{1,18})-(\d{1,18})$/;
/** Two serial numbers of the CDM: `country-type-number-period-period-lulucf-project`. */
const CDM = /^([A-Z]{2}-\d)-(\d{1,18})-(\d-\d-\d-\d{1,7}) - \1-(\d{1,18})-\3$/;

/** @throws RowRefusal */
export function verraSerial(text: string): VerraSerial {
  const match = VERRA.exec(text);
  if (match === null) throw invalid(text, "not a serial number of Verra");
  const [, series = "", start = "", end = "", , , , , project = "", from = "", to = ""] = match;
  const vintageStart = serialDayOf(from);
  const vintageEnd = serialDayOf(to);
  return { ...blockOf("VCS", series, start, end, text), project, vintageStart, vintageEnd };
}

/** Also the CDM's, which Gold Standard labels. @throws RowRefusal */
export function goldSerial(text: string): GoldSerial {
  const cdm = CDM.exec(text);
  if (cdm !== null) {
    const [, issuer = "", start = "", rest = "", end = ""] = cdm;
    return { ...blockOf("CDM", `${issuer}-${rest}`, start, end, text), project: null, vintage: null };
  }
  const match = GOLD.exec(text);
  if (match === null) throw invalid(text, "not a serial number of Gold Standard");
  const [, project = "", , vintage = "", series = "", start = "", end = ""] = match;
  return { ...blockOf("GS", series, start, end, text), project, vintage: Number(vintage) };
}

function blockOf(programme: string, series: string, start: string, end: string, text: string): ForeignBlock {
  const block = { programme, series, start: BigInt(start), end: BigInt(end) };
  if (block.start < 1n) throw invalid(text, "it begins with 0");
  if (block.end < block.start) throw invalid(text, "it ends before it begins");
  return block;
}

/** @throws RowRefusal `length-mismatch` */
export function checkLength({ start, end }: ForeignBlock, tonnes: bigint): void {
  const length = end - start + 1n;
  if (length === tonnes) return;
  throw new RowRefusal(
    "length-mismatch",
    `The quantity is ${tonnes}, but the serial block ${start} to ${end} has ${length}.`,
  );
}

function invalid(text: string, why: string): RowRefusal {
  return new RowRefusal("serial-invalid", `The serial number ${quoted(text)} is malformed: ${why}.`);
}
