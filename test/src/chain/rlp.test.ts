import { encodeRlp } from "ethers";
import { describe, expect, it } from "vitest";

import { itemsOf, readRlpList, rlpInteger, rlpList, rlpString } from "../../../src/chain/rlp.js";

const hexOf = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString("hex")}`;
const LENGTHS = [0, 1, 2, 55, 56, 255, 256, 65_535, 65_536, 131_072];

describe("RLP", () => {
  it.each(LENGTHS)("should write a string of %i bytes, alone and in a list, as ethers does", (length) => {
    for (const filling of [0x00, 0x7f, 0x80, 0xff]) {
      const bytes = Buffer.alloc(length, filling);
      expect(hexOf(rlpString(bytes))).toBe(encodeRlp(hexOf(bytes)));
      expect(hexOf(rlpList([rlpString(bytes), rlpList([rlpString(bytes)])]))).toBe(
        encodeRlp([hexOf(bytes), [hexOf(bytes)]]),
      );
    }
  });

  it("should write numbers without leading zeros", () => {
    for (const [value, hex] of [
      [0n, "0x80"],
      [1n, "0x01"],
      [127n, "0x7f"],
      [128n, "0x8180"],
      [256n, "0x820100"],
    ] as const) {
      expect(hexOf(rlpInteger(value))).toBe(hex);
    }
  });

  it.each(LENGTHS)("should read what it wrote: %i bytes", (length) => {
    const bytes = Buffer.alloc(length, 0x81);
    const list = readRlpList(Buffer.from(rlpList([rlpString(bytes), rlpList([rlpInteger(5n), rlpString(bytes)])])));
    expect(list.map(({ isList }) => isList)).toEqual([false, true]);
    expect(hexOf(list[0]?.content ?? Buffer.alloc(0))).toBe(hexOf(bytes));
    const inner = list[1] === undefined ? [] : itemsOf(list[1]);
    expect(inner.map(({ content }) => content.length)).toEqual([1, length]);
    expect(hexOf(inner[1]?.encoded ?? Buffer.alloc(0))).toBe(hexOf(rlpString(bytes)));
  });

  it.each([
    ["nothing", ""],
    ["a string", "83010203"],
    ["more than one list", "c0c0"],
    ["a list that is cut", "c30102"],
    ["an item that reaches out of its list", "c28301"],
    ["a length that is cut", "f9ff"],
    ["a length beyond all memory", "ffffffffffffffffff"],
    ["a byte that stands for itself, with a length", "c28101"],
    ["a short string with a long length", "c3b80180"],
    ["a length with a leading zero", `f90038${"01".repeat(56)}`],
    ["a short list with a long length", "f80101"],
  ])("should refuse %s", (_, hex) => {
    expect(() => readRlpList(Buffer.from(hex, "hex"))).toThrow(RangeError);
  });

  it("should tell a string from a list", () => {
    const [first] = readRlpList(Buffer.from("c101", "hex"));
    expect(() => (first === undefined ? [] : itemsOf(first))).toThrow(RangeError);
  });
});
