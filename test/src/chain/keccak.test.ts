import { concat, hexlify, id, keccak256 as keccakOfEthers, randomBytes } from "ethers";
import { describe, expect, it } from "vitest";

import { keccak256, keccak256Of, keccak256OfText } from "../../../src/chain/keccak.js";

describe("keccak256Of", () => {
  it("should equal another implementation at every length around its block and its buffer", () => {
    for (const length of [0, 1, 31, 32, 64, 135, 136, 137, 271, 272, 273, 16_383, 16_384, 16_385, 100_001]) {
      const bytes = randomBytes(length);

      expect(hexlify(keccak256Of(bytes))).toBe(keccakOfEthers(bytes));
    }
  });

  it("should hash pieces as the whole", () => {
    const [a, b, c] = [randomBytes(1), randomBytes(200), randomBytes(0)];

    expect(hexlify(keccak256Of(a, b, c))).toBe(keccakOfEthers(concat([a, b, c])));
  });

  it("should answer bytes of its own, which the next hash leaves alone", () => {
    const first = keccak256Of(Uint8Array.of(1));
    const before = hexlify(first);
    keccak256Of(Uint8Array.of(2));

    expect(hexlify(first)).toBe(before);
  });
});

describe("keccak256 and keccak256OfText", () => {
  it("should speak hex", () => {
    expect(keccak256("0x616263")).toBe(keccakOfEthers("0x616263"));
    expect(keccak256OfText("Đà Nẵng")).toBe(id("Đà Nẵng"));
  });
});
