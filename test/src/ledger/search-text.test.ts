import fc from "fast-check";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { monthOf } from "../../../src/ledger/months.js";
import { vectorOf, wordsOf } from "../../../src/ledger/search-text.js";
import { testDatabase } from "../../support/database.js";

describe("wordsOf", () => {
  it.each([
    ["Cảng Đà Nẵng", ["cang", "da", "nang"]],
    ["CANG DA NANG", ["cang", "da", "nang"]],
    ["Électricité d’Œuvre", ["electricite", "d", "oeuvre"]],
    ["đường, ĐƯỜNG", ["duong"]],
    ["Straße; Łódź & Ørsted", ["strasse", "lodz", "orsted"]],
    ["100% (2026)", ["100", "2026"]],
    ["' :* & | ! \\ -- ; %_", []],
    ["", []],
  ])("given %j, it should give its words without case and diacritics", (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it("should give the same words for composed and decomposed text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(wordsOf(text.normalize("NFD"))).toEqual(wordsOf(text.normalize("NFC")));
      }),
    );
  });
});

describe("vectorOf", () => {
  it("given any text, it should be a tsvector with exactly its words", async () => {
    const database = await testDatabase();
    try {
      const texts = fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 3 });
      await fc.assert(
        fc.asyncProperty(texts, async (given) => {
          const { rows } = await sql<{
            words: string[];
          }>`select tsvector_to_array(${vectorOf(given)}::tsvector) as words`.execute(database.db);
          expect(new Set(rows[0]?.words)).toEqual(new Set(given.flatMap(wordsOf)));
        }),
        { numRuns: 200 },
      );
    } finally {
      await database.close();
    }
  });
});

describe("vectorOf, marked", () => {
  it("should let marked words be found alone, and say no word twice", () => {
    expect(vectorOf(["Port of Đà Nẵng"], ["Da Nang"])).toBe("'da':1A 'nang':1A 'port':1 'of':1");
  });
});

describe("monthOf", () => {
  it("should be the month in UTC", () => {
    expect(monthOf(BigInt(Date.UTC(2026, 0, 31, 23, 59, 59)) / 1_000n)).toBe(202_601);
    expect(monthOf(BigInt(Date.UTC(2026, 11, 1)) / 1_000n)).toBe(202_612);
  });
});
