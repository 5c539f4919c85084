import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  batchIdOf,
  CodeError,
  codeOfBatchId,
  dayNumber,
  decodeCode,
  decodeCountry,
  encodeCode,
  encodeCountry,
  isoDay,
  MAX_DAY,
} from "../../../src/chain/codes.js";

const code = fc.stringMatching(/^[A-Z0-9.-]{1,31}$/);

describe("encodeCode and decodeCode", () => {
  it("should left-align the ASCII bytes in a word", () => {
    expect(encodeCode("VCS")).toBe(`0x564353${"0".repeat(58)}`);
    expect(encodeCode("VN-1.A")).toBe(`0x564e2d312e41${"0".repeat(52)}`);
  });

  it("should be inverse for every code", () => {
    fc.assert(
      fc.property(code, (text) => {
        expect(decodeCode(encodeCode(text))).toBe(text);
        expect(codeOfBatchId(batchIdOf(text))).toBe(text);
      }),
    );
  });

  it("should read a word whose hex is upper case", () => {
    expect(decodeCode(`0x${"4a4B".padEnd(64, "0")}`)).toBe("JK");
  });

  it.each(["", "a", "A B", "A_B", "É", "A\u0000", "A".repeat(32), "VN-1\n"])("should refuse the code %j", (text) => {
    expect(() => encodeCode(text)).toThrow(CodeError);
    expect(() => batchIdOf(text)).toThrow(expect.objectContaining({ value: text }));
  });

  it.each([
    ["zero", "0x".padEnd(66, "0")],
    ["a gap", `0x410041${"0".repeat(58)}`],
    ["a leading zero byte", `0x0041${"0".repeat(60)}`],
    ["lower case", `0x61${"0".repeat(62)}`],
    ["a byte beyond ASCII", `0xc389${"0".repeat(60)}`],
    ["32 characters", `0x${"41".repeat(32)}`],
    ["too short", "0x41"],
    ["no prefix", "41".padEnd(64, "0")],
  ])("should refuse a word with %s", (_, word) => {
    expect(() => decodeCode(word)).toThrow(CodeError);
  });

  it.each([-1n, 0n, 1n, 1n << 256n])("should refuse the batch id %s", (id) => {
    expect(() => codeOfBatchId(id)).toThrow(CodeError);
  });

  it("should read the id as the word", () => {
    expect(batchIdOf("A")).toBe(0x41n << 248n);
  });
});

describe("dayNumber and isoDay", () => {
  it.each([
    ["1970-01-01", 0],
    ["1970-01-02", 1],
    ["2000-02-29", 11_016],
    ["2024-01-31", 19_753],
    ["9999-12-31", MAX_DAY],
  ])("should count %s as day %i", (iso, day) => {
    expect(dayNumber(iso)).toBe(day);
    expect(isoDay(day)).toBe(iso);
    expect(isoDay(BigInt(day))).toBe(iso);
  });

  it("should be inverse for every day", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_DAY }), (day) => {
        expect(dayNumber(isoDay(day))).toBe(day);
      }),
    );
  });

  it("should count consecutive days consecutively over four centuries", () => {
    let day = dayNumber("1970-01-01");
    for (let year = 1970; year < 2370; year++) {
      for (let month = 1; month <= 12; month++) {
        const first = `${year}-${String(month).padStart(2, "0")}-01`;
        expect(dayNumber(first)).toBe(day);
        day += new Date(Date.UTC(year, month, 0)).getUTCDate();
      }
    }
  });

  it.each([
    "",
    "2026-2-01",
    "2026-02-30",
    "2025-02-29",
    "2026-13-01",
    "2026-00-10",
    "1969-12-31",
    "2026-01-01T00:00:00Z",
    " 2026-01-01",
    "+12026-01-01",
    "２０26-01-01",
  ])("should refuse %j", (iso) => {
    expect(() => dayNumber(iso)).toThrow(CodeError);
  });

  it.each([-1, 0.5, Number.NaN, MAX_DAY + 1, Number.POSITIVE_INFINITY])("should refuse day %d", (day) => {
    expect(() => isoDay(day)).toThrow(CodeError);
  });
});

describe("encodeCountry and decodeCountry", () => {
  it("should write two capitals as two bytes and none as zero", () => {
    expect(encodeCountry("VN")).toBe("0x564e");
    expect(encodeCountry(null)).toBe("0x0000");
    expect(decodeCountry("0x564e")).toBe("VN");
    expect(decodeCountry("0x564E")).toBe("VN");
    expect(decodeCountry("0x0000")).toBe(null);
  });

  it.each(["", "V", "vn", "VNM", "V1"])("should refuse the country %j", (country) => {
    expect(() => encodeCountry(country)).toThrow(CodeError);
  });

  it.each(["0x", "0x56", "0x5600", "0x0056", "0x564e00", "0x766e", "564e"])("should refuse the bytes %j", (bytes) => {
    expect(() => decodeCountry(bytes)).toThrow(CodeError);
  });
});
