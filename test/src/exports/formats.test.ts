import fc from "fast-check";
import { parquetReadObjects, parquetMetadata } from "hyparquet";
import { describe, expect, it } from "vitest";

import { encodeCsv } from "../../../src/exports/csv.js";
import { encodeNdjson } from "../../../src/exports/ndjson.js";
import { encodeParquet } from "../../../src/exports/parquet.js";
import { timeText, type Column, type Encoder } from "../../../src/exports/ports.js";

interface Row {
  readonly text: string | null;
  readonly count: bigint;
  readonly money: bigint;
  readonly at: bigint;
}

const COLUMNS: readonly Column<Row>[] = [
  { name: "text", kind: "text", isNullable: true, of: ({ text }) => text },
  { name: "count", kind: "number", of: ({ count }) => count },
  { name: "tonnes", kind: "integer", of: ({ count }) => count },
  { name: "money", kind: "money", of: ({ money }) => money },
  { name: "at", kind: "time", of: ({ at }) => at },
  {
    name: "blocks",
    kind: "blocks",
    of: ({ count }) => [
      { start: 1n, end: count },
      { start: 90n, end: 90n },
    ],
  },
];

const row = (text: string | null): Row => ({ text, count: 12n, money: 10n ** 30n, at: 1_700_000_000n });

async function* inPages(rows: readonly Row[], size = 2): AsyncGenerator<readonly Row[]> {
  for (let i = 0; i < rows.length; i += size) yield rows.slice(i, i + size);
}

async function encoded(encode: Encoder, rows: readonly Row[]): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of encode(COLUMNS, inPages(rows))) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** As RFC 4180 has it, written without a thought of our own writer. */
function parseCsv(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let fields: (string | null)[] = [];
  let at = 0;
  while (at < text.length) {
    let field: string | null = null;
    if (text[at] === '"') {
      field = "";
      at += 1;
      while (text[at] !== '"' || text[at + 1] === '"') {
        if (text[at] === '"') at += 1;
        field += text.charAt(at);
        at += 1;
      }
      at += 1;
    } else {
      const end = text.slice(at).search(/,|\r\n/);
      if (end > 0) field = text.slice(at, at + end);
      at += end;
    }
    fields.push(field);
    if (text[at] === ",") at += 1;
    else {
      at += 2;
      rows.push(fields);
      fields = [];
    }
  }
  return rows;
}

describe("CSV", () => {
  it("should quote all text and no number, and leave null empty", async () => {
    const text = (await encoded(encodeCsv, [row('say "no",\r\nplease'), row(null)])).toString();
    const rest = `12,12,${10n ** 30n},"2023-11-14T22:13:20.000Z","1-12 90-90"\r\n`;
    expect(text).toBe(`"text","count","tonnes","money","at","blocks"\r\n"say ""no"",\r\nplease",${rest},${rest}`);
  });

  it.each([
    "=1+1",
    "+1",
    "-1",
    "@x",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "  =1",
    "\u00a0=1",
    "\ufeff=1",
  ])("should make a harmless text of %j", async (text) => {
    const [, fields] = parseCsv((await encoded(encodeCsv, [row(text)])).toString());
    expect(fields?.[0]).toBe(`'${text}`);
  });

  it("should give back any text, but for the apostrophe before a formula", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(fc.string({ unit: "binary" })), { maxLength: 6 }), async (texts) => {
        const fixed = texts.map((text) => text?.toWellFormed() ?? null);
        const [, ...rows] = parseCsv((await encoded(encodeCsv, fixed.map(row))).toString());
        const back = rows.map(([text]) => text?.replace(/^'(?=[\s\uFEFF]*[=+\-@＝＋－＠]|[\t\r\n])/, "") ?? null);
        const plain = fixed.map((text) => text?.replace(/^'(?=[\s\uFEFF]*[=+\-@＝＋－＠]|[\t\r\n])/, "") ?? null);
        expect(back).toEqual(plain);
      }),
    );
  });
});

describe("times", () => {
  it("should be ISO 8601 in UTC, to the second", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        expect(timeText(BigInt(seconds))).toBe(new Date(seconds * 1_000).toISOString());
      }),
    );
    expect(timeText(1n << 62n)).toBe("9999-12-31T23:59:59.000Z");
  });
});

describe("JSON lines", () => {
  it("should write what the API shows", async () => {
    const lines = (await encoded(encodeNdjson, [row("=1"), row(null)])).toString().trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      ["=1", null].map((text) => ({
        text,
        count: 12,
        tonnes: "12",
        money: String(10n ** 30n),
        at: "2023-11-14T22:13:20.000Z",
        blocks: [
          { start: "1", end: "12" },
          { start: "90", end: "90" },
        ],
      })),
    );
  });
});

describe("Parquet", () => {
  const read = (bytes: Buffer) => {
    const file = new Uint8Array(bytes).buffer;
    return parquetReadObjects({ file: { byteLength: file.byteLength, slice: (a, b) => file.slice(a, b) } });
  };

  it("should be read back by others, whatever the texts are", async () => {
    const texts = ["=1+1", "Đà Nẵng", "", null, "\u0000\uffff"];
    expect(await read(await encoded(encodeParquet, texts.map(row)))).toEqual(
      texts.map((text) => ({
        text,
        count: 12n,
        tonnes: 12n,
        money: String(10n ** 30n),
        at: new Date("2023-11-14T22:13:20.000Z"),
        blocks: "1-12 90-90",
      })),
    );
  });

  it("should end a row group at 20,000 rows, and write a file without rows", async () => {
    const many = Array.from({ length: 45_001 }, (_, i) => row(`row ${i}`));
    const pieces: Uint8Array[] = [];
    for await (const piece of encodeParquet(COLUMNS, inPages(many, 5_000))) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    expect(pieces).toHaveLength(4);
    const { row_groups: groups } = parquetMetadata(new Uint8Array(bytes).buffer);
    expect(groups.map(({ num_rows }) => num_rows)).toEqual([20_000n, 20_000n, 5_001n]);
    expect((await read(bytes)).at(-1)).toMatchObject({ text: "row 45000" });
    expect(await read(await encoded(encodeParquet, []))).toEqual([]);
  });

  it("should refuse a number that does not fit rather than write another", async () => {
    await expect(encoded(encodeParquet, [{ ...row("x"), count: 2n ** 63n }])).rejects.toThrow(RangeError);
  });
});
