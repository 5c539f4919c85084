import { describe, expect, it } from "vitest";

import { createFormat } from "../../../src/cli/format.js";
import { createIo } from "../../../src/cli/io.js";
import { createTable, fieldLines } from "../../../src/cli/table.js";

const TIME = "2026-01-31T02:03:04.000Z";

describe("numbers and dates for people", () => {
  it("should be as their language has them, and exact", () => {
    const [english, vietnamese] = [createFormat("C", "UTC"), createFormat("vi_VN.UTF-8", "Asia/Ho_Chi_Minh")];
    expect(english.tonnes("12345678901234567890123")).toBe("12,345,678,901,234,567,890,123 t");
    expect(vietnamese.tonnes(1_000_000n)).toBe("1.000.000 t");
    expect(english.time(TIME)).toBe("31 Jan 2026, 02:03:04 UTC");
    expect(vietnamese.time(TIME)).toContain("09:03:04");
    expect(english.unixTime(1_769_824_984n)).toBe(english.time(TIME));
    expect(english.unixTime("99999999999999999999")).toBe("99999999999999999999");
  });

  it("should have money in its units, whatever its decimals", () => {
    const english = createFormat("en", "UTC");
    expect(english.money("1000000", { symbol: "VND", decimals: 0 })).toBe("1,000,000 VND");
    expect(english.money("123456", { symbol: "USD", decimals: 2 })).toBe("1,234.56 USD");
    expect(english.money("-5", { symbol: "USD", decimals: 2 })).toBe("-0.05 USD");
    expect(createFormat("de", "UTC").money("90071992547409931", { symbol: "EUR", decimals: 2 })).toBe(
      "900.719.925.474.099,31 EUR",
    );
  });
});

describe("tables", () => {
  it("should align, numbers on the right, and keep their widths over pages", () => {
    const table = createTable<readonly [string, string]>([
      { title: "name", of: ([name]) => name },
      { title: "tonnes", of: ([, tonnes]) => tonnes, right: true },
    ]);
    const rows = table.rows([
      ["Nhà máy", "1"],
      ["Nha\u0300 ma\u0301y", "10000000"],
    ]);
    expect([table.heading(), ...rows, ...table.rows([["a", "2"]])]).toEqual([
      "name       tonnes",
      "Nhà máy         1",
      "Nhà máy  10000000",
      "a               2",
    ]);
  });

  it("should not let what others wrote command the terminal", () => {
    const table = createTable<string>([{ title: "", of: (text) => text }]);
    expect(table.rows(["a\u001b[31m\nb\u202ec"])).toEqual(["a [31m b c"]);
    expect(
      fieldLines([
        ["name", "a\r\u009bb"],
        ["none", null],
        ["empty", ""],
      ]),
    ).toEqual(["  name  a  b"]);
  });
});

describe("colours", () => {
  const paint = (isTTY: boolean, env: Record<string, string>): string => {
    const output = { write: () => undefined, isTTY };
    return createIo({ env, stdout: output, stderr: output }, () => ({})).io.paint("good", "x");
  };

  it("should be there on a terminal alone, and not when somebody does not want them", () => {
    expect(paint(true, { TERM: "xterm" })).toBe("\u001b[32mx\u001b[0m");
    expect(paint(true, { NO_COLOR: "" })).toBe("\u001b[32mx\u001b[0m");
    expect(paint(true, { NO_COLOR: "1" })).toBe("x");
    expect(paint(true, { TERM: "dumb" })).toBe("x");
    expect(paint(false, { TERM: "xterm" })).toBe("x");
  });
});
