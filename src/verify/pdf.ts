/**
 * A certificate's PDF: the pack lies in it as an attachment, as it is, and a comment line right before the cross-reference table seals
 * every other byte. Found by linear scans; the PDF is not interpreted.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { type AuditDomain, sealDigest } from "./attestation.js";
import { hexOf, indexOf, matches, Rejection } from "./bytes.js";
import { canonical, readCanonicalJson } from "./json.js";
import { decimal, hash, objectOf, signature } from "./schema.js";
import type { CertificateSeal, ReasonCode } from "./types.js";

/** Name and media type of the attachment. */
export const PACK_FILE_NAME = "proof-pack.json";
export const PACK_MEDIA_TYPE = "application/vnd.carbon-ledger.proof-pack+json";
/** The largest PDF that is looked at, in bytes. */
export const MAX_PDF_BYTES = 32 * 1024 * 1024;

const SEAL_MARK = "%carbon-ledger-seal/1 ";
const MAX_SEAL_BYTES = 1024;
const PDF_MARK = utf8ToBytes("%PDF-");
const ATTACHMENT_MARK = utf8ToBytes(`/Subtype /${PACK_MEDIA_TYPE.replace("/", "#2F")}\n/Length `);
const STREAM = utf8ToBytes("\n>>\nstream\n");
const END_STREAM = utf8ToBytes("\nendstream\nendobj\n");
const [NEWLINE, ZERO, NINE] = [0x0a, 0x30, 0x39];

const readSeal = objectOf<CertificateSeal>({ digest: hash, retirementId: decimal, signature });

/** A certificate taken apart. */
export interface OpenedPdf {
  readonly pack: Uint8Array;
  readonly seal: CertificateSeal;
  /** SHA-256 of all bytes but the seal's line: what the seal must state. */
  readonly digest: string;
}

export function isPdf(bytes: Uint8Array): boolean {
  return matches(bytes, PDF_MARK, 0);
}

/**
 * Seals a PDF that ends in a plain cross-reference table, as pdfkit writes it.
 * @param sign Signs an EIP-712 digest: 65 bytes as hex.
 * @throws RangeError for a PDF without such a table, or one that is sealed
 */
export async function sealPdf(
  pdf: Uint8Array,
  retirementId: string,
  sign: (digest: string) => Promise<string>,
  domain: AuditDomain,
): Promise<Uint8Array> {
  const end = endOf(pdf);
  if (end === undefined || sealLine(pdf, end.table) !== undefined) {
    throw new RangeError("The PDF is sealed, or has no cross-reference table");
  }
  const length = lineOf({
    digest: hexOf(new Uint8Array(32)),
    retirementId,
    signature: hexOf(new Uint8Array(65)),
  }).length;
  const before = pdf.subarray(0, end.table);
  const after = concatBytes(pdf.subarray(end.table, end.offset), utf8ToBytes(`${end.table + length}\n%%EOF\n`));
  const digest = digestOf(before, after);
  const signed = await sign(sealDigest({ digest, retirementId }, domain));
  return concatBytes(before, lineOf({ digest, retirementId, signature: signed.toLowerCase() }), after);
}

/** The pack and the seal of a certificate, or why there are none. Whether they say the truth is for `verifyFile` to find. */
export function openPdf(bytes: Uint8Array): OpenedPdf | ReasonCode {
  if (bytes.length > MAX_PDF_BYTES) return "too-large";
  if (!isPdf(bytes)) return "not-readable";
  const end = endOf(bytes);
  const line = end === undefined ? undefined : sealLine(bytes, end.table);
  if (end === undefined || line === undefined) return "pdf-seal";
  const seal = sealOf(bytes.subarray(line + SEAL_MARK.length, end.table - 1));
  if (seal === undefined) return "pdf-seal";
  const pack = packOf(bytes);
  if (pack === undefined) return "pdf-no-pack";
  return { pack, seal, digest: digestOf(bytes.subarray(0, line), bytes.subarray(end.table)) };
}

function lineOf(seal: CertificateSeal): Uint8Array {
  return utf8ToBytes(`${SEAL_MARK}${canonical(seal)}\n`);
}

function digestOf(before: Uint8Array, after: Uint8Array): string {
  return hexOf(sha256.create().update(before).update(after).digest());
}

/** Where the table begins, and where the number stands that says so, in the file's last lines. */
function endOf(bytes: Uint8Array): { table: number; offset: number } | undefined {
  const start = Math.max(0, bytes.length - 64);
  const tail = String.fromCharCode(...bytes.subarray(start));
  const found = /\nstartxref\n([1-9][0-9]{0,9})\n%%EOF\n$/.exec(tail);
  if (found?.[1] === undefined) return undefined;
  const table = Number(found[1]);
  const offset = start + found.index + "\nstartxref\n".length;
  return table < offset && matches(bytes, utf8ToBytes("xref\n"), table) ? { table, offset } : undefined;
}

/** Where the seal's line begins, when the line before the table is one. */
function sealLine(bytes: Uint8Array, table: number): number | undefined {
  if (bytes[table - 1] !== NEWLINE) return undefined;
  const line = bytes.lastIndexOf(NEWLINE, table - 2) + 1;
  const isSeal = table - line <= MAX_SEAL_BYTES && matches(bytes, utf8ToBytes(SEAL_MARK), line);
  return isSeal ? line : undefined;
}

function sealOf(bytes: Uint8Array): CertificateSeal | undefined {
  try {
    return readSeal(readCanonicalJson(bytes), "");
  } catch {
    return undefined;
  }
}

/** The one attachment of the pack's type. No canonical JSON has a line break, so that no pack can pretend to hold another. */
function packOf(bytes: Uint8Array): Uint8Array | undefined {
  const mark = indexOf(bytes, ATTACHMENT_MARK, 0);
  if (mark === -1) return undefined;
  let [at, length] = [mark + ATTACHMENT_MARK.length, 0];
  for (let digits = 0; digits < 8; digits++, at++) {
    const digit = bytes[at] ?? 0;
    if (digit < ZERO || digit > NINE) break;
    length = length * 10 + digit - ZERO;
  }
  const start = at + STREAM.length;
  const isWhole = matches(bytes, STREAM, at) && matches(bytes, END_STREAM, start + length);
  if (!isWhole || indexOf(bytes, ATTACHMENT_MARK, mark + 1) !== -1) return undefined;
  return bytes.subarray(start, start + length);
}

/** What a person is told about a PDF that could not be opened. */
export function whyNotOpened(code: ReasonCode): Rejection {
  const words: Partial<Record<ReasonCode, string>> = {
    "too-large": `The PDF has more than ${MAX_PDF_BYTES} bytes.`,
    "pdf-seal": "The PDF has no seal in its place, or one that was damaged: it is no certificate, or was changed.",
    "pdf-no-pack": "The PDF does not carry exactly one whole proof pack.",
  };
  return new Rejection(code, words[code] ?? "The file is no PDF.");
}
