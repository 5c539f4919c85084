import { encode } from "uqr";
import { PACK_FILE_NAME, PACK_MEDIA_TYPE } from "../verify/pdf.js";
import { beneficiaryOf, factsOf, sentenceOf, tonnesOf, type CertificateRecord, type Fact } from "./facts.js";
import { INK, lineHeight, Sheet, SHEET, type TextStyle } from "./sheet.js";
import { WORDS, type FactKey, type Language, type Words } from "./words.js";

export interface CertificateDocument {
  readonly record: CertificateRecord;
  readonly language: Language;
  /** Bytes of the proof pack, which are attached as they are. */
  readonly pack: Uint8Array;
  /** Where anybody can look the certificate up: what the code on it says. */
  readonly url: string;
}

/** Said large at the top already. */
const HEADLINES: readonly FactKey[] = ["tonnes", "beneficiary"];
/** Long words of hexadecimal. */
const SMALL: readonly FactKey[] = ["beneficiaryCommitment", "account", "contract", "recordHash", "transaction"];

const LABEL: TextStyle = { size: 8, color: INK.quiet, width: 122 };
const VALUE: TextStyle = { size: 9, x: SHEET.left + 130, leading: 1.35 };
const SMALL_SIZE = 8;
const QR_SIZE = 99;
const CHECK_TEXT: TextStyle = { size: 8.5, x: SHEET.left + QR_SIZE + 20, leading: 1.35 };
const ROW_SPACE = 2.2;

/**
 * A certificate as PDF/A-3b (ISO 19005-3), with its proof attached and not yet sealed. The same document gives the same bytes.
 * Texts of holders may have any length and any characters.
 */
export async function certificatePdf(certificate: CertificateDocument): Promise<Uint8Array> {
  const { record, language, pack } = certificate;
  const words = WORDS[language];
  const id = String(record.retirement.id);
  const createdAt = new Date(Number(record.retirement.retiredAt) * 1_000);
  const title = `${words.title} – ${words.number(id)}`;
  const sheet = new Sheet({ title, language, createdAt }, (page) => pageHead(page, words, id));
  headlines(sheet, certificate, words);
  for (const fact of factsOf(record, language)) if (!HEADLINES.includes(fact.key)) row(sheet, fact);
  howToCheck(sheet, certificate.url, words);
  sheet.onEveryPage((page, pages) => pageFoot(sheet, record, words.page(page, pages)));
  sheet.attach(PACK_FILE_NAME, PACK_MEDIA_TYPE, pack, createdAt);
  return sheet.finish();
}

/** What the code on a certificate says. */
export function qrMatrix(url: string): readonly (readonly boolean[])[] {
  return encode(url, { ecc: "M", border: 0 }).data;
}

function pageHead(sheet: Sheet, words: Words, id: string): void {
  sheet.document.rect(0, 0, SHEET.width, 10).fill(INK.accent);
  const style: TextStyle = { size: 9, color: INK.quiet };
  sheet.at(words.registry, { ...style, weight: "bold", color: INK.accent }, 32);
  const number = words.number(id);
  sheet.document.font("regular").fontSize(style.size);
  sheet.at(number, { ...style, x: SHEET.right - sheet.document.widthOfString(number) }, 32);
}

function pageFoot(sheet: Sheet, { retirement }: CertificateRecord, page: string): void {
  const style: TextStyle = { size: 7.5, color: INK.quiet };
  const y = SHEET.bottom + 26;
  sheet.document.rect(SHEET.left, y - 6, SHEET.right - SHEET.left, 0.6).fill(INK.line);
  sheet.at(retirement.recordHash, style, y);
  sheet.document.font("regular").fontSize(style.size);
  sheet.at(page, { ...style, x: SHEET.right - sheet.document.widthOfString(page) }, y);
}

function headlines(sheet: Sheet, { record, language }: CertificateDocument, words: Words): void {
  sheet.text(words.title, { size: 18.5, weight: "bold", leading: 1.25 });
  sheet.y += 6;
  sheet.text(tonnesOf(record, language), { size: 32, weight: "bold", color: INK.accent, leading: 1.3 });
  sheet.y += 4;
  sheet.text(words.onBehalf, { size: 9, color: INK.quiet });
  sheet.text(beneficiaryOf(record, language), { size: 14, weight: "bold", leading: 1.3 });
  sheet.y += 6;
  sheet.text(sentenceOf(record, language), { size: 9.5, color: INK.text });
  sheet.y += 10;
}

function row(sheet: Sheet, fact: Fact): void {
  const style = SMALL.includes(fact.key) ? { ...VALUE, size: SMALL_SIZE } : VALUE;
  const labels = sheet.lines(fact.label, LABEL);
  const lines = sheet.lines(fact.text, style);
  const height = lineHeight(VALUE);
  sheet.need(height * Math.min(labels.length, lines.length) + 2 * ROW_SPACE);
  sheet.rule();
  sheet.y += ROW_SPACE;
  for (let index = 0; index < Math.max(labels.length, lines.length); index++) {
    sheet.need(height);
    const label = labels[index];
    if (label !== undefined) sheet.at(label, LABEL, sheet.y + (VALUE.size - LABEL.size) / 2);
    const line = lines[index];
    if (line !== undefined) sheet.at(line, style, sheet.y + (VALUE.size - style.size) / 2);
    sheet.y += height;
  }
  sheet.y += ROW_SPACE;
}

/** The code, and what to do with it, at the foot of the last page. */
function howToCheck(sheet: Sheet, url: string, words: Words): void {
  const paragraphs = [words.verifyOnline, url, words.verifyOffline, ...(sheet.hasEscapes ? [words.escapes] : [])];
  const heading: TextStyle = { ...CHECK_TEXT, size: 10.5, weight: "bold", color: INK.accent };
  const lines = paragraphs.map((text) => sheet.lines(text, CHECK_TEXT).length).reduce((sum, count) => sum + count, 0);
  const height = Math.max(QR_SIZE, lineHeight(heading) + lines * lineHeight(CHECK_TEXT) + 6) + 14;
  sheet.need(height);
  sheet.y = SHEET.bottom - height;
  sheet.rule(INK.accent, 1.2);
  sheet.y += 12;
  const top = sheet.y;
  sheet.squares(qrMatrix(url), SHEET.left, top, QR_SIZE);
  sheet.line(words.verifyTitle, heading);
  sheet.text(words.verifyOnline, CHECK_TEXT);
  sheet.text(url, { ...CHECK_TEXT, color: INK.accent });
  sheet.y += 4;
  sheet.text(words.verifyOffline, CHECK_TEXT);
  if (sheet.hasEscapes) sheet.text(words.escapes, { ...CHECK_TEXT, color: INK.quiet });
}
