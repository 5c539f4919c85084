import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";

import { certificatePdf } from "../../../src/certificates/pdf.js";
import { LANGUAGES } from "../../../src/certificates/words.js";
import { PACK_FILE_NAME, sealPdf } from "../../../src/verify/pdf.js";
import { elementsOf, glyphWidths, readPdf, type PdfFile, type PdfObject } from "../../support/pdf-file.js";
import { recordOf } from "./record.js";

/** Numbers are clauses of ISO 19005-3 (PDF/A-3), level B. */

const PACK = Buffer.from('{"format":"carbon-ledger/proof-pack/1"}');
const URL = "https://ledger.example/v1/certificates/12/page?language=vi";
const BLOCKS = Array.from({ length: 900 }, (_, at) => ({ start: BigInt(at) * 10n + 1n, end: BigInt(at) * 10n + 5n }));

const files: PdfFile[] = [];
beforeAll(async () => {
  const sign = async () => `0x${"5e".repeat(64)}1b`;
  const domain = { chainId: "1", contract: `0x${"00".repeat(20)}` };
  for (const language of LANGUAGES) {
    // The last one goes over several pages.
    const record = language === "fr" ? recordOf({ blocks: BLOCKS }) : recordOf({ details: "漢 🌳 “Đà Nẵng” <&>" });
    const pdf = await certificatePdf({ record, language, pack: PACK, url: URL });
    files.push(readPdf(await sealPdf(pdf, "12", sign, domain)));
  }
});

const catalogOf = (file: PdfFile) => file.at(file.trailer, "Root").text;
const ofType = ({ objects }: PdfFile, type: string) =>
  [...objects.values()].filter(({ text }) => new RegExp(`/Type /${type}(?![A-Za-z0-9])`).test(text));
/** Everything but the bytes of streams. */
const structureOf = ({ objects }: PdfFile) => [...objects.values()].map(({ text }) => text).join("\n");
const contentsOf = (file: PdfFile) =>
  ofType(file, "Page").map(({ text }) => file.at(text, "Contents").stream?.toString("latin1") ?? "");

describe("A certificate as PDF/A-3b", () => {
  it("6.1.2, 6.1.3: should begin and end as an archive wants it", () => {
    for (const { bytes, text, trailer } of files) {
      expect(text.slice(0, 9)).toBe("%PDF-1.7\n");
      expect(text[9]).toBe("%");
      for (const byte of bytes.subarray(10, 14)) expect(byte).toBeGreaterThan(127);
      const [, first, second] = /\/ID \[<([0-9a-f]{32})> <([0-9a-f]{32})>\]/.exec(trailer) ?? [];
      expect(first).toBe(second);
      expect(first).toBeDefined();
      expect(trailer).not.toMatch(/\/Encrypt|\/Prev|\/XRefStm/);
      expect(text.endsWith("%%EOF\n")).toBe(true);
    }
  });

  it("6.1.4, 6.1.7, 6.1.9: should have each object where the table says, each stream as long as it says", () => {
    for (const file of files) {
      expect(file.objects.size).toBeGreaterThan(20);
      expect(Number(/\/Size (\d+)/.exec(file.trailer)?.[1])).toBe(file.objects.size + 1);
      for (const { text, stream } of file.objects.values()) {
        if (stream !== null) expect(text).not.toMatch(/\/F |\/FFilter|\/FDecodeParms|\/LZWDecode|\/Crypt/);
      }
    }
  });

  it("6.1.6, 6.1.8, 6.1.13: should stay within the limits of strings, names, numbers and nesting", () => {
    for (const file of files) {
      for (const { text } of file.objects.values()) {
        for (const [, hex = ""] of text.matchAll(/<([0-9a-f]*)>/g)) expect(hex.length % 2).toBe(0);
        for (const [name] of text.matchAll(/\/[!-'*-.0-;=?-Z^-z|~]+/g)) expect(name.length).toBeLessThan(128);
        for (const [number] of text.matchAll(/(?<![\w.<#:+-])\d+(?![\w.])/g))
          expect(Number(number)).toBeLessThan(2 ** 31);
      }
      for (const content of contentsOf(file)) {
        let depth = 0;
        for (const [operator] of content.matchAll(/(?<=^|\s)[qQ](?=\s|$)/g)) {
          depth += operator === "q" ? 1 : -1;
          expect(depth).toBeGreaterThanOrEqual(0);
          expect(depth).toBeLessThanOrEqual(28);
        }
        expect(depth).toBe(0);
      }
    }
  });

  it("6.2.2: should draw with the operators of the standard alone, and with resources of its own", () => {
    const known = new Set(
      "q Q cm re f S n w m l c h rg RG g G k K cs CS sc SC scn SCN BT ET Tf Tm TJ Tj Td Tr Tc Tw Tz TL d gs".split(" "),
    );
    for (const file of files) {
      for (const { text } of ofType(file, "Page")) expect(text).toMatch(/\/Resources \d+ 0 R/);
      for (const content of contentsOf(file)) {
        const bare = content.replaceAll(/<[0-9a-f]*>|\((?:[^()\\]|\\.)*\)/g, " ");
        for (const [operator] of bare.matchAll(/(?<=^|\s)[A-Za-z'"*]+(?=\s|$)/g)) expect(known).toContain(operator);
      }
    }
  });

  it("6.2.3, 6.2.4: should carry the profile of its colours, and use no others", () => {
    for (const file of files) {
      const [intent] = ofType(file, "OutputIntent") as [PdfObject];
      expect(ofType(file, "OutputIntent")).toHaveLength(1);
      expect(catalogOf(file)).toContain(`/OutputIntents [${intent.number} 0 R]`);
      expect(intent.text).toMatch(/\/S \/GTS_PDFA1\n/);
      expect(intent.text).toMatch(/\/OutputConditionIdentifier \(/);
      const { text, stream } = file.at(intent.text, "DestOutputProfile");
      expect(text).toMatch(/\/N 3\n/);
      const profile = stream!;
      expect(profile.readUInt32BE(0)).toBe(profile.length);
      expect(profile.readUInt8(8)).toBeLessThan(5);
      expect([12, 16, 36].map((at) => profile.toString("latin1", at, at + 4))).toEqual(["mntr", "RGB ", "acsp"]);
      const structure = structureOf(file);
      expect(structure).not.toMatch(/\/DeviceCMYK|\/Separation|\/DeviceN\b|\/ICCBased|\/CalRGB|\/Lab\b|\/Pattern <</);
      for (const content of contentsOf(file)) {
        const spaces = [...content.matchAll(/\/(\w+) (?:cs|CS)(?=\s)/g)].map(([, name]) => name);
        expect([...new Set(spaces)].filter((name) => name !== "DeviceRGB" && name !== "DeviceGray")).toEqual([]);
        expect(content).not.toMatch(/\s[kK]\s/);
      }
    }
  });

  it("6.2.5 to 6.2.10: should have no images, no forms, nothing transparent and no special states", () => {
    for (const file of files) {
      expect(structureOf(file)).not.toMatch(
        /\/XObject|\/Image\b|\/Group\b|\/SMask|\/BM\b|\/ca |\/CA |\/TR\b|\/TR2|\/HTP|\/Transparency|\/PS\b|\/Ref\b/,
      );
      for (const content of contentsOf(file)) expect(content).not.toMatch(/\s(?:Do|BI|sh)\s/);
    }
  });

  it("6.2.11: should embed its letters, as wide as it says, with a meaning each and none missing", () => {
    for (const file of files) {
      const fonts = ofType(file, "Font").filter(({ text }) => text.includes("/Subtype /Type0"));
      expect(fonts).toHaveLength(2);
      const widthsOf = new Map<number, number[]>();
      for (const font of fonts) {
        expect(font.text).toContain("/Encoding /Identity-H");
        expect(file.at(font.text, "ToUnicode").stream!.toString("latin1")).toContain("beginbfrange");
        const descendant = file.objects.get(Number(/\/DescendantFonts \[(\d+) 0 R\]/.exec(font.text)?.[1]))!;
        expect(descendant.text).toMatch(/\/Subtype \/CIDFontType2\n/);
        expect(descendant.text).toMatch(/\/CIDToGIDMap \/Identity/);
        expect(descendant.text).toMatch(/\/Registry \(Adobe\)\n\/Ordering \(Identity\)\n\/Supplement 0/);
        const descriptor = file.at(descendant.text, "FontDescriptor");
        const name = /\/BaseFont \/([A-Z]{6}\+BeVietnamPro-\w+)/.exec(font.text)?.[1];
        expect(name).toBeDefined();
        expect(descendant.text).toContain(`/BaseFont /${name}`);
        expect(descriptor.text).toContain(`/FontName /${name}`);
        expect(descriptor.text).not.toContain("/CIDSet");
        const program = glyphWidths(file.at(descriptor.text, "FontFile2").stream!);
        const said = (/\/W \[0 \[([\d. ]+)\]\]/.exec(descendant.text)?.[1] ?? "").split(" ").map(Number);
        expect(said).toHaveLength(program.length);
        for (const [glyph, width] of said.entries()) expect(Math.abs(width - program[glyph]!)).toBeLessThanOrEqual(1);
        widthsOf.set(font.number, said);
      }
      for (const { text } of ofType(file, "Page")) {
        const resources = file.at(text, "Resources").text;
        let glyphs: number[] = [];
        const content = file.at(text, "Contents").stream!.toString("latin1");
        for (const [, name, shown] of content.matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g)) {
          if (name !== undefined) glyphs = widthsOf.get(file.at(resources, name).number)!;
          for (const [, hex = ""] of (shown ?? "").matchAll(/<([0-9a-f]*)>/g)) {
            for (const glyph of hex.match(/.{4}/g) ?? []) {
              expect(parseInt(glyph, 16)).toBeGreaterThan(0);
              expect(parseInt(glyph, 16)).toBeLessThan(glyphs.length);
            }
          }
        }
      }
    }
  });

  it("6.3 to 6.5, 6.9 to 6.11: should have nothing that acts, asks, hides or depends on a reader", () => {
    for (const file of files) {
      expect(structureOf(file)).not.toMatch(
        /\/Annots|\/AcroForm|\/XFA|\/AA\b|\/OpenAction|\/JavaScript|\/JS\b|\/Launch|\/URI\b|\/OCProperties|\/OCG\b|\/Alternate|\/PresSteps|\/Requirements|\/Perms|\/Collection/,
      );
    }
  });

  it("6.6: should describe itself in XMP that is well formed, and in the same words as elsewhere", () => {
    for (const file of files) {
      const { text, stream } = file.at(catalogOf(file), "Metadata");
      expect(text).toMatch(/\/Type \/Metadata\n\/Subtype \/XML\n/);
      expect(text).not.toContain("/Filter");
      const xmp = stream!.toString("utf8").trim();
      expect(xmp).not.toContain("\ufffd");
      expect(xmp).toMatch(/^<\?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"\?>/);
      expect(xmp).not.toMatch(/<\?xpacket[^>]* (?:bytes|encoding)=/);
      expect(xmp).toMatch(/<\?xpacket end="w"\?>$/);
      expect(new Set(elementsOf(xmp))).toEqual(
        new Set([
          ...["x:xmpmeta", "rdf:RDF", "rdf:Description", "rdf:Alt", "rdf:li", "pdfaid:part", "pdfaid:conformance"],
          ...["xmp:CreateDate", "xmp:CreatorTool", "dc:title", "pdf:Producer"],
        ]),
      );
      expect(xmp).toContain("<pdfaid:part>3</pdfaid:part>");
      expect(xmp).toContain("<pdfaid:conformance>B</pdfaid:conformance>");
      const info = file.at(file.trailer, "Info").text;
      expect([...info.matchAll(/\/(\w+) \d+ 0 R/g)].map(([, name]) => name).toSorted()).toEqual([
        ...["CreationDate", "Creator", "Producer", "Title"],
      ]);
      expect(file.at(info, "Producer").text).toBe("(Carbon Ledger)");
      expect(file.at(info, "Creator").text).toBe("(Carbon Ledger)");
      expect(xmp).toContain("<xmp:CreatorTool>Carbon Ledger</xmp:CreatorTool>");
      expect(xmp).toContain("<pdf:Producer>Carbon Ledger</pdf:Producer>");
      const title = file
        .at(info, "Title")
        .text.slice(1, -1)
        .replaceAll(/\\([()\\])/g, "$1");
      const utf16 = Buffer.from(title.replaceAll("\\r", "\r").replaceAll("\\n", "\n"), "latin1").subarray(2);
      expect(xmp).toContain(`>${Buffer.from(utf16).swap16().toString("utf16le")}</rdf:li>`);
    }
  });

  it("6.8: should say what its attachment is, and what it is to the page", () => {
    for (const file of files) {
      const catalog = catalogOf(file);
      const [specification] = ofType(file, "Filespec") as [PdfObject];
      expect(catalog).toContain(`/AF [${specification.number} 0 R]`);
      expect(specification.text).toMatch(/\/AFRelationship \/Data/);
      for (const name of ["F", "UF"]) expect(specification.text).toContain(`/${name} (${PACK_FILE_NAME})`);
      expect(file.at(catalog, "Names").text).toContain(`(${PACK_FILE_NAME}) ${specification.number} 0 R`);
      const [embedded] = ofType(file, "EmbeddedFile") as [PdfObject];
      expect(specification.text).toMatch(new RegExp(`/EF <<\\s*/F ${embedded.number} 0 R`));
      expect(embedded.text).toMatch(/\/Subtype \/application#2Fvnd\.carbon-ledger\.proof-pack\+json/);
      expect(embedded.text).toMatch(/\/ModDate \(D:\d{14}Z\)/);
      expect(embedded.text).toContain(`/Size ${PACK.length}`);
      expect(embedded.text).toContain(`(${createHash("md5").update(PACK).digest("hex")})`);
      expect(embedded.stream?.equals(PACK)).toBe(true);
    }
  });
});
