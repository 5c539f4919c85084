import { bytesToHex } from "@noble/hashes/utils.js";
import { describe, expect, it } from "vitest";
import {
  consistencyPath,
  inclusionPath,
  leafHash,
  nodeHash,
  rootFrom,
  verifyConsistency,
  verifyInclusion,
  type NodeReader,
} from "../../../src/verify/merkle-log.js";

const MOST = 40;
const leaves = Array.from({ length: MOST }, (_, n) => Uint8Array.of(n, 7));

/** Hashes a complete subtree from its leaves. */
const read: NodeReader = async (level, position) => {
  if (level === 0) return leafHash(leaves[Number(position)]!);
  return nodeHash(await read(level - 1, position * 2n), await read(level - 1, position * 2n + 1n));
};

/** The definition of RFC 6962 §2.1, word by word. */
function naiveRoot(of: readonly Uint8Array[]): Uint8Array {
  if (of.length === 1) return leafHash(of[0]!);
  let split = 1;
  while (split * 2 < of.length) split *= 2;
  return nodeHash(naiveRoot(of.slice(0, split)), naiveRoot(of.slice(split)));
}

const roots = await Promise.all(Array.from({ length: MOST + 1 }, (_, size) => rootFrom(read, BigInt(size))));

describe("the log", () => {
  it("should have the roots of RFC 6962", () => {
    expect(bytesToHex(roots[0]!)).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (let size = 1; size <= MOST; size++) expect(roots[size]).toEqual(naiveRoot(leaves.slice(0, size)));
  });

  it("should show of each entry, and of no other, that it is in", async () => {
    for (let size = 1; size <= MOST; size++) {
      for (let index = 0; index < size; index++) {
        const [at, of] = [BigInt(index), BigInt(size)];
        const path = await inclusionPath(read, at, of);
        const root = roots[size]!;
        expect(verifyInclusion(leaves[index]!, at, of, path, root)).toBe(true);
        expect(verifyInclusion(Uint8Array.of(99), at, of, path, root)).toBe(false);
        expect(verifyInclusion(leaves[index]!, at, of, [...path, root], root)).toBe(false);
        if (size > 1) expect(verifyInclusion(leaves[index]!, at, of, path.slice(1), root)).toBe(false);
      }
    }
  });

  it("should show of each size that it is the beginning of each later one", async () => {
    for (let newer = 0; newer <= MOST; newer++) {
      for (let older = 0; older <= newer; older++) {
        const [from, to] = [BigInt(older), BigInt(newer)];
        const path = await consistencyPath(read, from, to);
        expect(verifyConsistency(from, to, roots[older]!, roots[newer]!, path)).toBe(true);
        expect(verifyConsistency(from, to, leafHash(Uint8Array.of(99)), roots[newer]!, path)).toBe(false);
        if (older > 0)
          expect(verifyConsistency(from, to, roots[older]!, leafHash(Uint8Array.of(99)), path)).toBe(false);
      }
    }
  });
});
