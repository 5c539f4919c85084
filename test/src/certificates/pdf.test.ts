import { encode } from "uqr";
import { describe, expect, it } from "vitest";

import { factsOf, type CertificateRecord } from "../../../src/certificates/facts.js";
import { certificatePdf, qrMatrix } from "../../../src/certificates/pdf.js";
import { LANGUAGES, WORDS, type Language } from "../../../src/certificates/words.js";
import { openPdf, sealPdf } from "../../../src/verify/pdf.js";
import { solid, textOf } from "./pdf-text.js";
import { HOSTILE_TEXTS, recordOf } from "./record.js";

const PACK = Buffer.from('{"format":"carbon-ledger/proof-pack/1"}');
const URL = "https://ledger.example/v1/certificates/12/page?language=vi";

const made = (record: CertificateRecord, language: Language = "vi", pack: Uint8Array = PACK) =>
  certificatePdf({ record, language, pack, url: URL });
const latin1 = (pdf: Uint8Array) => Buffer.from(pdf).toString("latin1");
const pagesOf = (pdf: Uint8Array) => Number(/\/Type \/Pages\n\/Count (\d+)/.exec(latin1(pdf))?.[1]);

describe("certificatePdf", () => {
  it.each(LANGUAGES)("should say every fact in %s, on one page", async (language) => {
    const record = recordOf();
    const pdf = await made(record, language);
    const text = solid(textOf(pdf));

    const facts = factsOf(record, language);
    expect(facts.map(({ key }) => key)).toHaveLength(23);
    for (const { key, text: said } of facts) expect([key, text]).toEqual([key, expect.stringContaining(solid(said))]);
    const labels = facts.filter(({ key }) => !["tonnes", "beneficiary"].includes(key)).map(({ label }) => label);
    for (const label of labels) expect(text).toContain(solid(label));
    for (const words of [WORDS[language].title, URL, WORDS[language].verifyOffline])
      expect(text).toContain(solid(words));
    expect(pagesOf(pdf)).toBe(1);
  });

  it("should be PDF/A-3b: described so, with its colours, its letters and nothing hidden in it", async () => {
    const file = latin1(await made(recordOf()));
    expect(file.slice(0, 8)).toBe("%PDF-1.7");
    expect(file).toContain("<pdfaid:part>3</pdfaid:part>");
    expect(file).toContain("<pdfaid:conformance>B</pdfaid:conformance>");
    expect(file).toMatch(/\/OutputIntents \[\d+ 0 R\]/);
    expect(file).toMatch(/\/S \/GTS_PDFA1/);
    expect(file).toMatch(/\/AFRelationship \/Data/);
    expect(file).toMatch(/\/AF \[\d+ 0 R\]/);
    expect(file).toMatch(/\/Lang \(vi\)/);
    expect(file.match(/\/FontFile2 /g)).toHaveLength(2);
    expect(file).not.toMatch(/\/Type1|\/Helvetica|\/Encrypt|\/JavaScript|\/FlateDecode|\/ca |\/SMask/);
    // No letter without a shape: glyph 0 is what a typeface shows for what it lacks.
    for (const [, glyphs = ""] of file.matchAll(/<([0-9a-f]+)>[^>\n]*\] TJ/g))
      expect(glyphs.match(/.{4}/g)).not.toContain("0000");
  });

  it("should describe itself twice in the same words", async () => {
    for (const language of LANGUAGES) {
      const file = Buffer.from(await made(recordOf(), language)).toString("utf8");
      const title = `${WORDS[language].title} – ${WORDS[language].number("12")}`;
      expect(file).toContain(`<rdf:li xml:lang="x-default">${title}</rdf:li>`);
      expect(file).toContain("<xmp:CreateDate>2024-12-31T16:00:00Z</xmp:CreateDate>");
      expect(file).toContain("(D:20241231160000Z)");
    }
  });

  it("should find its cross-reference table and every object of it, before and after it is sealed", async () => {
    const pdf = await made(recordOf());
    const sign = async () => `0x${"5e".repeat(64)}1b`;
    const sealed = await sealPdf(pdf, "12", sign, { chainId: "1", contract: `0x${"00".repeat(20)}` });
    for (const file of [latin1(pdf), latin1(sealed)]) {
      const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(file)?.[1]);
      expect(file.slice(table, table + 7)).toBe("xref\n0 ");
      expect(file.match(/%%EOF/g)).toHaveLength(1);
      const entries = [...file.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)];
      expect(entries.length).toBeGreaterThan(20);
      for (const [index, entry] of entries.entries()) {
        expect(file.slice(Number(entry[1])).startsWith(`${index + 1} 0 obj\n`)).toBe(true);
      }
    }
    expect(openPdf(sealed)).toMatchObject({ pack: new Uint8Array(PACK), seal: { retirementId: "12" } });
  });

  it("given the same record, it should be the same bytes; given another proof, others", async () => {
    const [one, again, other] = [
      await made(recordOf()),
      await made(recordOf()),
      await made(recordOf(), "vi", PACK.subarray(1)),
    ];
    expect(Buffer.compare(one, again)).toBe(0);
    expect(Buffer.compare(one, other)).not.toBe(0);
  });

  it.each(Object.entries(HOSTILE_TEXTS))("given %s in its texts, it should stay a certificate", async (_name, text) => {
    const pdf = await made(recordOf({ beneficiary: text, reason: text, details: text }));
    const file = latin1(pdf);
    expect(file).toMatch(/startxref\n\d+\n%%EOF\n$/);
    expect(file.match(/%%EOF/g)).toHaveLength(1);
    expect(textOf(pdf)).not.toMatch(/[^\P{C}\n]|\ufffd/u);
    expect(pagesOf(pdf)).toBeLessThan(8);
  });

  it("should name the characters that its typeface lacks, and compose those that it has", async () => {
    const details = "漢\u202e🌳 Đa\u0300 Na\u0306\u0303ng";
    const text = textOf(await made(recordOf({ details })));
    expect(text).toContain("[U+6F22][U+202E][U+1F333] Đà Nẵng");
    expect(text).toContain(WORDS.vi.escapes.slice(0, 20));
    expect(textOf(await made(recordOf()))).not.toContain("[U+");
  });

  it("given thousands of serial blocks, it should go on over pages that are numbered", async () => {
    const blocks = Array.from({ length: 3_000 }, (_, index) => ({
      start: BigInt(index) * 10n + 1n,
      end: BigInt(index) * 10n + 5n,
    }));
    const pdf = await made(recordOf({ blocks }), "en");
    const pages = pagesOf(pdf);
    expect(pages).toBeGreaterThan(5);
    const text = textOf(pdf);
    for (let page = 1; page <= pages; page++) expect(text).toContain(WORDS.en.page(page, pages));
    expect(solid(text)).toContain("29991–29995");
  });

  it("should not have the name of a natural person", async () => {
    const pdf = await made(
      recordOf({ beneficiary: "", beneficiaryId: "", beneficiaryCommitment: `0x${"7e".repeat(32)}` }),
      "en",
    );
    const text = solid(textOf(pdf));
    expect(text).toContain(solid(WORDS.en.naturalPerson));
    expect(text).toContain("7e".repeat(32));
  });
});

describe("the code of a certificate", () => {
  it("should be that of the page's address, drawn square by square", async () => {
    const matrix = qrMatrix(URL);
    expect(matrix).toEqual(encode(URL, { ecc: "M", border: 0 }).data);
    const file = latin1(await made(recordOf()));
    const side = 99 / matrix.length;
    const drawn = matrix.map((row) => row.map(() => false));
    const squares = [...file.matchAll(/^([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re$/gm)].map((found) =>
      found.slice(1).map(Number),
    );
    const code = squares.filter(([, , , height]) => Math.abs((height ?? 0) - side) < 0.01);
    const top = Math.min(...code.map(([, y]) => y ?? 0));
    for (const [x = 0, y = 0, width = 0] of code) {
      const row = Math.round((y - top) / side);
      const start = Math.round((x - 56) / side);
      for (let column = start; column < start + Math.round(width / side); column++) drawn[row]![column] = true;
    }
    expect(drawn).toEqual(matrix);
  });
});
