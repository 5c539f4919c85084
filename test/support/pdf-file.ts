/** A PDF taken apart by its cross-reference table: enough to hold the structure of ours against the rules of an archive. */

export interface PdfObject {
  readonly number: number;
  /** The dictionary, or whatever the object is, as text of Latin-1. */
  readonly text: string;
  readonly stream: Buffer | null;
}

export interface PdfFile {
  readonly bytes: Buffer;
  /** All of it as Latin-1. */
  readonly text: string;
  readonly objects: ReadonlyMap<number, PdfObject>;
  readonly trailer: string;
  /** The object that a text refers to under a name: `/Name 12 0 R`. */
  at(text: string, name: string): PdfObject;
}

/** @throws Error where the file is not as a PDF with a plain table must be */
export function readPdf(pdf: Uint8Array): PdfFile {
  const bytes = Buffer.from(pdf);
  const text = bytes.toString("latin1");
  const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
  const [, count = "0"] = /^xref\n0 (\d+)\n/.exec(text.slice(table)) ?? [];
  const rows = text
    .slice(table)
    .split("\n")
    .slice(2, Number(count) + 2);
  const objects = new Map<number, PdfObject>();
  for (const [number, row] of rows.entries()) {
    if (number === 0) continue;
    objects.set(number, objectAt(bytes, text, number, Number(row.slice(0, 10))));
  }
  const at = (from: string, name: string): PdfObject => {
    const number = Number(new RegExp(`/${name} (\\d+) 0 R`).exec(from)?.[1]);
    const found = objects.get(number);
    if (found === undefined) throw new Error(`There is no ${name} in ${from}`);
    return found;
  };
  return { bytes, text, objects, trailer: text.slice(text.lastIndexOf("trailer\n")), at };
}

function objectAt(bytes: Buffer, text: string, number: number, offset: number): PdfObject {
  const head = `${number} 0 obj\n`;
  if (text.slice(offset - 1, offset + head.length) !== `\n${head}`) throw new Error(`Object ${number} is elsewhere`);
  const start = offset + head.length;
  const end = text.indexOf("\nendobj\n", start);
  const streamAt = text.indexOf("\nstream\n", start);
  if (streamAt === -1 || streamAt > end) return { number, text: text.slice(start, end), stream: null };
  const dictionary = text.slice(start, streamAt);
  const from = streamAt + "\nstream\n".length;
  const length = Number(/\/Length (\d+)/.exec(dictionary)?.[1]);
  const tail = "\nendstream\nendobj\n";
  if (text.slice(from + length, from + length + tail.length) !== tail) throw new Error(`Stream ${number} is cut`);
  return { number, text: dictionary, stream: bytes.subarray(from, from + length) };
}

/** What a TrueType file says of its glyphs: how wide each is, in thousandths of the letter's height. */
export function glyphWidths(font: Buffer): number[] {
  const table = (tag: string): Buffer => {
    for (let at = 12; at < 12 + 16 * font.readUInt16BE(4); at += 16) {
      if (font.toString("latin1", at, at + 4) !== tag) continue;
      const offset = font.readUInt32BE(at + 8);
      return font.subarray(offset, offset + font.readUInt32BE(at + 12));
    }
    throw new Error(`The font has no table ${tag}`);
  };
  const unitsPerEm = table("head").readUInt16BE(18);
  const metrics = table("hhea").readUInt16BE(34);
  const glyphs = table("maxp").readUInt16BE(4);
  const widths = table("hmtx");
  return Array.from({ length: glyphs }, (_, glyph) => {
    const width = widths.readUInt16BE(4 * Math.min(glyph, metrics - 1));
    return (width * 1_000) / unitsPerEm;
  });
}

/** Names of the elements of an XML text, when each is closed in its order. @throws Error otherwise */
export function elementsOf(xml: string): string[] {
  const open: string[] = [];
  const seen: string[] = [];
  for (const [, closing, name = "", empty] of xml.matchAll(/<(\/?)([\w:]+)[^<>?]*?(\/?)>/g)) {
    if (closing === "/") {
      if (open.pop() !== name) throw new Error(`${name} is closed out of turn`);
      continue;
    }
    seen.push(name);
    if (empty !== "/") open.push(name);
  }
  if (open.length > 0) throw new Error(`${open.join(", ")} stay open`);
  return seen;
}
