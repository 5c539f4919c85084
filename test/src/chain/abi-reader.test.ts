import { AbiCoder, ParamType } from "ethers";
import { describe, expect, it } from "vitest";

import { AbiError, abiReader, type Tree } from "../../../src/chain/abi-reader.js";

const TYPES: readonly [type: string, value: unknown][] = [
  ["uint256", 2n ** 256n - 1n],
  ["bool", true],
  ["address", `0x${"ab".repeat(20)}`],
  ["bytes32", `0x${"cd".repeat(32)}`],
  ["string", "phát thải"],
  ["bytes", "0x"],
  ["uint8[]", []],
  ["string[]", ["", "a".repeat(33), "b"]],
  [
    "tuple(uint64 a, uint64 b)[]",
    [
      [1, 2],
      [3, 2n ** 64n - 1n],
    ],
  ],
  ["tuple(uint64 a, tuple(bytes2 c, bool d) b)", [1, ["0x564e", false]]],
  [
    "tuple(string a, tuple(uint8 c, bytes d)[] b, uint8[][] e)",
    [
      "x",
      [
        [1, "0x01"],
        [2, "0x"],
      ],
      [[], [1, 2, 3]],
    ],
  ],
];

/** All values after one another, as the data of an event. */
function encoded(): { readonly data: string; readonly params: readonly ParamType[] } {
  const params = TYPES.map(([type]) => ParamType.from(type));
  const data = AbiCoder.defaultAbiCoder().encode(
    params,
    TYPES.map(([, value]) => value),
  );
  return { data: data.slice(2), params };
}

/** Values that are read as their digits, encoded again. */
function readAll(data: string, params: readonly ParamType[]): Tree<string>[] {
  let place = 0;
  return params.map((param) => {
    const reader = abiReader<string>(
      param,
      "",
      ({ type }) =>
        (digits) =>
          leaf(type, digits),
    );
    const value = reader.read(data, 0, place);
    place += reader.length;
    return value;
  });
}

function leaf(type: string, digits: string): string {
  if (type === "string") return Buffer.from(digits, "hex").toString();
  if (type === "bytes") return `0x${digits}`;
  if (type === "bool") return digits.endsWith("1") ? "true" : "";
  if (type === "address") return `0x${digits.slice(24)}`;
  return type.startsWith("bytes") ? `0x${digits.slice(0, 2 * Number(type.slice(5)))}` : `0x${digits}`;
}

describe("ABI reader", () => {
  it("should read what ethers encodes, and what is read encodes the same again", () => {
    const { data, params } = encoded();
    const values = readAll(data, params);
    expect(values[4]).toBe("phát thải");
    expect(values[9]).toEqual({ a: `0x${"1".padStart(64, "0")}`, b: { c: "0x564e", d: "" } });
    expect(AbiCoder.defaultAbiCoder().encode(params, values).slice(2)).toBe(data);
  });

  it("should refuse data that ends too soon, wherever it is cut", () => {
    const { data, params } = encoded();
    for (let length = 0; length < data.length - 64; length += 32) {
      expect(() => readAll(data.slice(0, length), params)).toThrow(AbiError);
    }
  });

  it("should refuse places and lengths outside the data before it makes a list of them", () => {
    const word = (value: bigint): string => value.toString(16).padStart(64, "0");
    const list = ParamType.from("uint64[]");
    const read = (data: string) => () => abiReader(list, "", () => (digits) => digits).read(data, 0, 0);
    expect(read(word(32n) + word(2n ** 40n))).toThrow(AbiError);
    expect(read(word(2n ** 255n))).toThrow(AbiError);
    expect(read(word(32n) + word(0n))()).toEqual([]);
  });

  it("should have no reader for what no event has", () => {
    expect(() => abiReader(ParamType.from("uint8[3]"), "", () => (digits) => digits)).toThrow(RangeError);
  });
});
