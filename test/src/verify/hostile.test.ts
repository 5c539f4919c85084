import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { hexOf } from "../../../src/verify/bytes.js";
import { openPdf, sealPdf } from "../../../src/verify/pdf.js";
import { signWith } from "../../../src/verify/signature.js";
import { parseTrust, TrustError, verifyFile } from "../../../src/verify/verify.js";
import { TEST_KEYS } from "../../support/packs.js";
import { ACCEPTED_VECTORS, VECTORS } from "../../support/vectors.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const fileOf = (words: string) => VECTORS.cases.find(({ name }) => name.includes(words))!.file;
const codeOf = (bytes: Uint8Array) => verifyFile(bytes, VECTORS.trust).reasons[0]?.code;
const pack = fileOf("own block");
const domain = { chainId: VECTORS.trust.chainId, contract: VECTORS.trust.contracts.retirements };

/** As pdfkit writes an attachment, in a PDF that has nothing else. */
const attachment = (content: string, length = String(Buffer.byteLength(content))) =>
  `1 0 obj\n<<\n/Type /EmbeddedFile\n/Subtype /application#2Fvnd.carbon-ledger.proof-pack+json\n/Length ${length}\n>>\nstream\n${content}\nendstream\nendobj\n`;
function pdfOf(body: string): Uint8Array {
  const start = `%PDF-1.7\n${body}`;
  const table = "xref\n0 1\n0000000000 65535 f \ntrailer\n<<\n/Size 1\n>>\n";
  return bytesOf(`${start}${table}startxref\n${Buffer.byteLength(start)}\n%%EOF\n`);
}
const seal = (pdf: Uint8Array, id = "2", key = TEST_KEYS.service) =>
  sealPdf(pdf, id, async (digest) => signWith(digest, key), domain);

describe("Hostile packs", () => {
  it.each([
    ["nothing", ""],
    ["no JSON", "hello"],
    ["a number", "1"],
    ["null", "null"],
    ["a list", "[]"],
    ["an empty object", "{}"],
    ["a mark of byte order", `\ufeff${pack}`],
    ["a line break at the end", `${pack}\n`],
    ["a space", pack.replace(",", ", ")],
    ["a member twice", pack.replace("{", '{"chainId":"31337",')],
    ["a member more", pack.replace("{", '{"aaa":1,')],
    ["a prototype", pack.replace("{", '{"__proto__":{},')],
    ["depth", "[".repeat(100_000)],
    ["depth inside", pack.replace('"chainId"', `"a":${"[".repeat(20)}${"]".repeat(20)},"chainId"`)],
    ["a huge number", pack.replace(/"blockNumber":"\d+"/, `"blockNumber":"${"9".repeat(1_000_000)}"`)],
    ["a number of no text", pack.replace(/"blockNumber":"\d+"/, '"blockNumber":1e999')],
    ["half a pair of surrogates", pack.replace('"kind":"retirement"', '"kind":"\\ud800"')],
  ])("should be refused: %s", (_, text) => {
    const verdict = verifyFile(bytesOf(text), VECTORS.trust);
    expect(verdict).toMatchObject({ accepted: false, facts: null });
    expect(verdict.reasons).toHaveLength(1);
  });

  it("should be refused when they are too large, in no time", () => {
    expect(codeOf(new Uint8Array(32 * 1024 * 1024).fill(0x5b))).toBe("too-large");
  });

  it("should be refused when they are cut or lengthened anywhere", () => {
    const bytes = bytesOf(fileOf("holding of nothing"));
    const place = fc.nat(bytes.length - 1);
    fc.assert(
      fc.property(place, fc.uint8Array({ maxLength: 4 }), fc.nat(4), (at, inserted, removed) => {
        const changed = Uint8Array.from([...bytes.subarray(0, at), ...inserted, ...bytes.subarray(at + removed)]);
        fc.pre(hexOf(changed) !== hexOf(bytes));
        expect(verifyFile(changed, VECTORS.trust).accepted).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("should be refused whatever JSON they are", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(verifyFile(bytesOf(JSON.stringify(value)), VECTORS.trust).accepted).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        expect(verifyFile(bytes, VECTORS.trust).accepted).toBe(false);
      }),
    );
  });

  it("should be refused when members of one pack are put into another", () => {
    const packs = ACCEPTED_VECTORS.filter(({ kind }) => kind !== "export").map(
      ({ file }) => JSON.parse(file) as Record<string, unknown>,
    );
    for (const one of packs) {
      for (const other of packs) {
        for (const name of ["header", "subject", "accountProof", "storageProofs"]) {
          if (JSON.stringify(one[name]) === JSON.stringify(other[name])) continue;
          const mixed = bytesOf(JSON.stringify({ ...one, [name]: other[name] }));
          expect(verifyFile(mixed, VECTORS.trust).accepted).toBe(false);
        }
      }
    }
  });
});

describe("A certificate", () => {
  let sealed: Uint8Array;
  beforeAll(async () => {
    sealed = await seal(pdfOf(attachment(pack)));
  });

  it("should be accepted as it was sealed, with a table where it says", () => {
    expect(verifyFile(sealed, VECTORS.trust)).toMatchObject({
      accepted: true,
      kind: "certificate",
      facts: { retirementId: "2" },
    });
    const text = new TextDecoder().decode(sealed);
    const offset = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
    expect(text.slice(offset, offset + 5)).toBe("xref\n");
    const opened = openPdf(sealed);
    expect(opened).toMatchObject({ pack: bytesOf(pack) });
    const start = sealed.length - text.length + text.indexOf("%carbon-ledger-seal/1");
    const others = Buffer.concat([sealed.subarray(0, start), sealed.subarray(offset)]);
    expect(opened).toMatchObject({ digest: hexOf(sha256(others)) });
  });

  it("should be refused when any byte of it is another", () => {
    const [start, end] = [300, sealed.length - 700];
    for (let at = 0; at < sealed.length; at++) {
      // The pack in the middle is tried byte by byte elsewhere.
      if (at > start && at < end && at % 101 !== 0) continue;
      sealed[at]! ^= 1;
      const { accepted, reasons } = verifyFile(sealed, VECTORS.trust);
      sealed[at]! ^= 1;
      expect([at, accepted]).toEqual([at, false]);
      expect(reasons).toHaveLength(1);
    }
  });

  it("should be refused with another page around its pack, or sealed by somebody else, or for another retirement", async () => {
    const text = new TextDecoder().decode(sealed);
    expect(codeOf(bytesOf(text.replace("%PDF-1.7", "%PDF-1.6")))).toBe("pdf-altered");
    expect(codeOf(await seal(pdfOf(attachment(pack)), "2", TEST_KEYS.officer))).toBe("pdf-seal");
    expect(codeOf(await seal(pdfOf(attachment(pack)), "3"))).toBe("pdf-seal");
    expect(codeOf(await seal(pdfOf(attachment(fileOf("holding of nothing")))))).toBe("pdf-seal");
    expect(codeOf(await seal(pdfOf(attachment(fileOf("one role only")))))).toBe("quorum");
    await expect(seal(sealed)).rejects.toThrow(RangeError);
  });

  it.each([
    ["no pack", "", "pdf-no-pack"],
    ["two packs", attachment(pack) + attachment(pack), "pdf-no-pack"],
    ["a length that is too short", attachment(pack, "10"), "pdf-no-pack"],
    ["a length that is too long", attachment(pack, "99999999"), "pdf-no-pack"],
    ["a length that is none", attachment(pack, "-1"), "pdf-no-pack"],
    ["a length without end", attachment(pack, "1".repeat(1_000)), "pdf-no-pack"],
    ["a stream without end", attachment(pack).replace("endstream", "endless"), "pdf-no-pack"],
    ["a pack that is none", attachment("{}"), "not-a-pack"],
  ])("should be refused with %s", async (_, body, code) => {
    expect(codeOf(await seal(pdfOf(body)))).toBe(code);
  });

  it.each([
    ["nothing but its mark", "%PDF-"],
    ["no table", "%PDF-1.7\nstartxref\n9\n%%EOF\n"],
    ["a table beyond the end", "%PDF-1.7\nxref\nstartxref\n9999999999\n%%EOF\n"],
    ["no seal", new TextDecoder().decode(pdfOf(attachment(pack)))],
  ])("should be refused with %s", (_, text) => {
    expect(codeOf(bytesOf(text))).toBe("pdf-seal");
  });

  it("should be refused in bounded time, however large and repetitive", () => {
    const large = new Uint8Array(32 * 1024 * 1024);
    const mark = bytesOf("/Subtype /application#2Fvnd.carbon-ledger.proof-pack+json\n/Length 9\n>>\nstream\n");
    for (let at = 0; at + mark.length < large.length; at += mark.length) large.set(mark, at);
    large.set(bytesOf("%PDF-1.7\n"), 0);
    const started = Date.now();
    expect(codeOf(large)).toBe("pdf-seal");
    const tail = bytesOf(`\nxref\nstartxref\n${large.length - 100}\n%%EOF\n`);
    large.set(tail, large.length - tail.length);
    expect(codeOf(large)).toBe("pdf-seal");
    const larger = new Uint8Array(40 * 1024 * 1024);
    larger.set(large);
    expect(codeOf(larger)).toBe("too-large");
    expect(Date.now() - started).toBeLessThan(20_000);
  });
});

describe("parseTrust", () => {
  const text = JSON.stringify(VECTORS.trust);
  it("should read any layout and EIP-55 addresses", () => {
    expect(parseTrust(bytesOf(JSON.stringify(VECTORS.trust, null, 2)))).toEqual(VECTORS.trust);
    const capitals = text.replace(
      VECTORS.trust.contracts.units,
      `0x${VECTORS.trust.contracts.units.slice(2).toUpperCase()}`,
    );
    expect(parseTrust(bytesOf(capitals))).toEqual(VECTORS.trust);
  });

  it.each([
    ["nothing", ""],
    ["an empty object", "{}"],
    ["a member more", text.replace("{", '{"more":1,')],
    ["another format", text.replace("trust/1", "trust/2")],
    ["a number that is none", text.replace('"31337"', "31337")],
    ["a short address", text.replace(/"0x[0-9a-f]{40}"/, '"0x11"')],
    ["one validator twice", JSON.stringify({ ...VECTORS.trust, validators: Array(2).fill(`0x${"11".repeat(20)}`) })],
  ])("should refuse %s", (_, broken) => {
    expect(() => parseTrust(bytesOf(broken))).toThrow(TrustError);
  });
});
