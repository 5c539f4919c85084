import { describe, expect, it } from "vitest";

import { createNonceSource } from "../../../src/chain/nonces.js";

describe("createNonceSource", () => {
  it("should count a random word through, then take another", () => {
    const words = [5n, 9n];
    const nextNonce = createNonceSource(() => words.shift() ?? 0n);

    const nonces = Array.from({ length: 258 }, nextNonce);

    expect(nonces.slice(0, 2)).toEqual([1280n, 1281n]);
    expect(nonces.slice(255)).toEqual([1535n, 2304n, 2305n]);
    expect(new Set(nonces).size).toBe(258);
  });

  it("should begin elsewhere each time, within 256 bits", () => {
    const firsts = Array.from({ length: 50 }, () => createNonceSource()());
    expect(new Set(firsts).size).toBe(50);
    for (const first of firsts) expect(first < 1n << 256n).toBe(true);
  });
});
