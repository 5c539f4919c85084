import { describe, expect, it } from "vitest";

import { verifyFile } from "../../../src/verify/verify.js";
import { ACCEPTED_VECTORS, VECTORS } from "../../support/vectors.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const judge = (bytes: Uint8Array) => verifyFile(bytes, VECTORS.trust);

/** Where a flipped bit was not noticed, of every byte or each n-th. */
function unnoticed(file: string, step: number, bitOf: (at: number) => number): number[] {
  const bytes = bytesOf(file);
  const places: number[] = [];
  for (let at = 0; at < bytes.length; at += step) {
    bytes[at]! ^= bitOf(at);
    if (judge(bytes).accepted) places.push(at);
    bytes[at]! ^= bitOf(at);
  }
  return places;
}

describe("The vectors", () => {
  it.each(VECTORS.cases)("$name", ({ accepted, kind, reason, facts, file }) => {
    const verdict = judge(bytesOf(file));
    expect(verdict).toMatchObject({ accepted, kind });
    expect(verdict.facts).toEqual(facts);
    expect(verdict.reasons.map(({ code }) => code)).toEqual(reason === null ? [] : [reason]);
    for (const { message } of verdict.reasons) expect(message).toMatch(/^[A-Z].* .*\.$/);
  });

  it("should confirm the person of the vector", () => {
    const { file } = ACCEPTED_VECTORS.find(({ name }) => name.includes("natural person"))!;
    const verdict = verifyFile(bytesOf(file), VECTORS.trust, { person: VECTORS.person });
    expect(verdict.facts).toMatchObject({ personConfirmed: true });
  });
});

describe("A flipped bit in any byte", () => {
  it.each(ACCEPTED_VECTORS)(
    "is noticed: $name",
    ({ file }) => {
      expect(unnoticed(file, 1, () => 1)).toEqual([]);
      // The seven other bits, one in each byte, in turn.
      expect(unnoticed(file, 11, (at) => 2 << (at % 7))).toEqual([]);
    },
    300_000,
  );
});
