import PDFDocument from "pdfkit";
import { linesOf, printable, type Typeface } from "./printable.js";
import { typefaces } from "./typeface.js";

/** A4, in points. */
export const SHEET = { width: 595.28, height: 841.89, left: 56, right: 539.28, top: 60, bottom: 772 };
export const INK = { text: "#1b1f1d", quiet: "#5c6661", line: "#d5dcd8", accent: "#0b5d3b" };

export type Weight = "regular" | "bold";

export interface TextStyle {
  readonly size: number;
  readonly weight?: Weight;
  readonly color?: string;
  /** From the left edge of the sheet. */
  readonly x?: number;
  readonly width?: number;
  /** Of a line, in sizes. */
  readonly leading?: number;
}

export interface SheetInfo {
  /** Free of `<`, `>` and `&`: it stands in XML as it is. */
  readonly title: string;
  readonly language: string;
  readonly createdAt: Date;
}

const PRODUCER = "Carbon Ledger";
const LEADING = 1.45;

/**
 * A PDF/A-3b document that text is put on line by line, from top to bottom. The same calls give the same bytes.
 */
export class Sheet {
  readonly document: PDFKit.PDFDocument;
  /** Where the next line goes: its upper edge. */
  y = SHEET.top;
  /** True once a character had to be named because it cannot be drawn. */
  hasEscapes = false;
  readonly #faces: Record<Weight, Typeface> = {} as Record<Weight, Typeface>;
  readonly #onPage: (sheet: Sheet) => void;

  /** @param onPage Decorates each page when it begins. */
  constructor({ title, language, createdAt }: SheetInfo, onPage: (sheet: Sheet) => void) {
    const { regular, bold } = typefaces();
    this.#onPage = onPage;
    this.document = new PDFDocument({
      size: "A4",
      margin: 0,
      pdfVersion: "1.7",
      subset: "PDF/A-3b",
      // What is attached stands in the file as it is: a verifier finds it without unpacking anything.
      compress: false,
      autoFirstPage: false,
      bufferPages: true,
      lang: language,
      displayTitle: true,
      // The typings do not know that a font may be given as bytes.
      font: regular as unknown as string,
      info: { Title: title, Producer: PRODUCER, Creator: PRODUCER, CreationDate: createdAt },
    });
    this.document.registerFont("regular", regular);
    this.document.registerFont("bold", bold);
    for (const weight of ["regular", "bold"] as const) {
      this.document.font(weight);
      this.#faces[weight] = (this.document as unknown as { _font: { font: Typeface } })._font.font;
    }
    this.addPage();
  }

  addPage(): void {
    this.document.addPage();
    this.y = SHEET.top;
    this.#onPage(this);
  }

  /** Begins another page unless this one has so much left. */
  need(height: number): void {
    if (this.y + height > SHEET.bottom) this.addPage();
  }

  /** The lines that a text of any origin takes. */
  lines(text: string, style: TextStyle): string[] {
    const { size, weight = "regular", x = SHEET.left, width = SHEET.right - x } = style;
    this.document.font(weight).fontSize(size);
    const shown = printable(text, this.#faces[weight]);
    if (shown.includes("[U+")) this.hasEscapes = true;
    return linesOf(shown, width, (line) => this.document.widthOfString(line));
  }

  /** Puts a text below the last one, on as many pages as it takes. */
  text(text: string, style: TextStyle): void {
    for (const line of this.lines(text, style)) {
      this.need(lineHeight(style));
      this.line(line, style);
    }
  }

  /** Puts one line here, which must be printable, and goes on below it. */
  line(line: string, style: TextStyle): void {
    this.at(line, style, this.y);
    this.y += lineHeight(style);
  }

  /** Puts one line somewhere. */
  at(line: string, style: TextStyle, y: number): void {
    const { size, weight = "regular", color = INK.text, x = SHEET.left } = style;
    this.document.font(weight).fontSize(size).fillColor(color);
    this.document.text(line, x, y, { lineBreak: false });
  }

  rule(color: string = INK.line, thickness = 0.6): void {
    this.document.rect(SHEET.left, this.y, SHEET.right - SHEET.left, thickness).fill(color);
    this.y += thickness;
  }

  /** Dark squares, as vectors. @param size Of the whole, in points. */
  squares(matrix: readonly (readonly boolean[])[], x: number, y: number, size: number): void {
    const side = size / matrix.length;
    for (const [row, modules] of matrix.entries()) {
      // Neighbours are one rectangle: between two, a screen would show a seam.
      for (const { start, length } of runsOf(modules)) {
        this.document.rect(x + start * side, y + row * side, length * side, side);
      }
    }
    this.document.fill(INK.text);
  }

  /** Writes on every page, when all are there. */
  onEveryPage(write: (page: number, pages: number) => void): void {
    const { count } = this.document.bufferedPageRange();
    for (let page = 0; page < count; page++) {
      this.document.switchToPage(page);
      write(page + 1, count);
    }
  }

  attach(name: string, type: string, bytes: Uint8Array, at: Date): void {
    const options = { name, type, relationship: "Data", creationDate: at, modifiedDate: at };
    this.document.file(Buffer.from(bytes), options);
  }

  /** The file. */
  async finish(): Promise<Uint8Array> {
    const pieces: Buffer[] = [];
    const ended = new Promise<void>((resolve, reject) => {
      this.document.on("data", (piece: Buffer) => pieces.push(piece));
      this.document.on("end", resolve);
      this.document.on("error", reject);
    });
    this.document.end();
    await ended;
    return new Uint8Array(Buffer.concat(pieces));
  }
}

export function lineHeight({ size, leading = LEADING }: TextStyle): number {
  return size * leading;
}

function runsOf(modules: readonly boolean[]): { readonly start: number; readonly length: number }[] {
  const runs: { start: number; length: number }[] = [];
  for (const [column, isDark] of modules.entries()) {
    const last = runs.at(-1);
    if (!isDark) continue;
    if (last !== undefined && last.start + last.length === column) last.length++;
    else runs.push({ start: column, length: 1 });
  }
  return runs;
}
