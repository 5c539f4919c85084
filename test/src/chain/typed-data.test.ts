import { TypedDataEncoder } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  compileStruct,
  encodeType,
  hashDomain,
  TypedDataError,
  typedDigest,
  type TypedDomain,
} from "../../../src/chain/typed-data.js";

const domain: TypedDomain = { name: "Test", version: "1", chainId: 1n };
const digest = (type: string, value: unknown): string =>
  typedDigest(hashDomain(domain), compileStruct({ T: [{ name: "x", type }] }, "T")({ x: value }));
const reference = (type: string, value: unknown): string =>
  TypedDataEncoder.hash(domain, { T: [{ name: "x", type }] }, { x: value });

describe("compileStruct", () => {
  it("should equal ethers for integers of every width and sign", () => {
    for (let bits = 8; bits <= 256; bits += 8) {
      const half = 1n << BigInt(bits - 1);
      for (const value of [0n, 1n, half - 1n]) {
        expect(digest(`uint${bits}`, value)).toBe(reference(`uint${bits}`, value));
        expect(digest(`int${bits}`, value)).toBe(reference(`int${bits}`, value));
      }
      expect(digest(`uint${bits}`, 2n * half - 1n)).toBe(reference(`uint${bits}`, 2n * half - 1n));
      for (const value of [-1n, -half]) expect(digest(`int${bits}`, value)).toBe(reference(`int${bits}`, value));

      expect(() => digest(`uint${bits}`, 2n * half)).toThrow(TypedDataError);
      expect(() => digest(`uint${bits}`, -1n)).toThrow(TypedDataError);
      expect(() => digest(`int${bits}`, half)).toThrow(TypedDataError);
      expect(() => digest(`int${bits}`, -half - 1n)).toThrow(TypedDataError);
    }
  });

  it("should equal ethers for any text and bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.uint8Array({ maxLength: 70 }), (text, bytes) => {
        const hex = `0x${Buffer.from(bytes).toString("hex")}`;
        expect(digest("string", text)).toBe(reference("string", text));
        expect(digest("bytes", hex)).toBe(reference("bytes", hex));
      }),
    );
  });

  it("should take integers as bigint, as safe number and as decimal text", () => {
    expect(digest("uint64", 12)).toBe(digest("uint64", 12n));
    expect(digest("uint64", "12")).toBe(digest("uint64", 12n));
    expect(digest("uint64", "9007199254740993")).toBe(digest("uint64", 9_007_199_254_740_993n));
  });

  it.each([
    ["uint64", 2 ** 53],
    ["uint64", 0.5],
    ["uint64", "0x10"],
    ["uint64", "012"],
    ["uint64", " 1"],
    ["uint64", "1e3"],
    ["uint64", true],
    ["uint64", null],
    ["uint64", undefined],
    ["bool", 1],
    ["bool", "true"],
    ["address", "0x00"],
    ["address", "me"],
    ["bytes2", "0x56"],
    ["bytes2", "564e"],
    ["bytes2", "0x564e00"],
    ["bytes", "0x5"],
    ["string", 5],
    ["uint8[]", "0x00"],
    ["uint8[2]", [1]],
    ["uint8[]", [256]],
    ["uint8[]", [undefined]],
  ])("should refuse for %s the value %j", (type, value) => {
    expect(() => digest(type, value)).toThrow(TypedDataError);
  });

  it.each(["uint7", "uint264", "uint0", "int", "bytes0", "bytes33", "Unknown", "uint8[", "float"])(
    "should refuse the type %s",
    (type) => {
      expect(() => compileStruct({ T: [{ name: "x", type }] }, "T")).toThrow(TypedDataError);
    },
  );

  it("should refuse a struct that is not an object, and one without a member", () => {
    const types = { T: [{ name: "inner", type: "I" }], I: [{ name: "x", type: "bool" }] };
    const hash = compileStruct(types, "T");
    expect(() => hash({ inner: 5 })).toThrow(TypedDataError);
    expect(() => hash({ inner: {} })).toThrow("I: x is missing");
    expect(() => compileStruct(types, "Other")).toThrow(TypedDataError);
  });
});

describe("encodeType", () => {
  it("should list the structs referred to in alphabetical order, each once", () => {
    const types = {
      Mail: [
        { name: "to", type: "Person[]" },
        { name: "from", type: "Person" },
        { name: "asset", type: "Asset[2][]" },
      ],
      Person: [{ name: "holds", type: "Asset" }],
      Asset: [{ name: "name", type: "string" }],
      Unused: [{ name: "x", type: "bool" }],
    };
    expect(encodeType(types, "Mail")).toBe(
      "Mail(Person[] to,Person from,Asset[2][] asset)Asset(string name)Person(Asset holds)",
    );
  });
});
