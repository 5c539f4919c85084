import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { describe, expect, it } from "vitest";

import {
  consistencyPath,
  inclusionPath,
  leafHash,
  nodeHash,
  type NodeReader,
  rootFrom,
  verifyConsistency,
  verifyInclusion,
} from "../../../src/verify/merkle-log.js";

/** The tree that the implementations of Certificate Transparency test themselves with, and its roots by size. */
const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/** Complete subtrees only, as a store of nodes has them. */
function readerOf(leaves: readonly Uint8Array[]): NodeReader {
  const read: NodeReader = async (level, position) => {
    if (level === 0) return leafHash(leaves[Number(position)]!);
    return nodeHash(await read(level - 1, position * 2n), await read(level - 1, position * 2n + 1n));
  };
  return read;
}

describe("The log of retirements", () => {
  it("should have the published roots", async () => {
    const read = readerOf(LEAVES.map(hexToBytes));
    for (const [size, root] of ROOTS.entries()) expect(bytesToHex(await rootFrom(read, BigInt(size)))).toBe(root);
  });

  it("should prove each entry in each size, and no other", async () => {
    const leaves = Array.from({ length: 33 }, (_, at) => Uint8Array.of(at));
    const read = readerOf(leaves);
    for (const size of [1n, 2n, 3n, 7n, 8n, 20n, 33n]) {
      const root = await rootFrom(read, size);
      for (let index = 0n; index < size; index++) {
        const path = await inclusionPath(read, index, size);
        const leaf = leaves[Number(index)]!;
        expect(verifyInclusion(leaf, index, size, path, root)).toBe(true);
        expect(verifyInclusion(Uint8Array.of(99), index, size, path, root)).toBe(false);
        expect(verifyInclusion(leaf, index + 1n, size, path, root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, [...path, root], root)).toBe(false);
        if (path.length > 0) expect(verifyInclusion(leaf, index, size, path.slice(1), root)).toBe(false);
      }
    }
  });

  it("should prove each size from each smaller one, and notice another past", async () => {
    const leaves = Array.from({ length: 20 }, (_, at) => Uint8Array.of(at));
    const other = readerOf([Uint8Array.of(77), ...leaves.slice(1)]);
    const read = readerOf(leaves);
    for (let newer = 1n; newer <= 20n; newer++) {
      const newerRoot = await rootFrom(read, newer);
      for (let older = 1n; older <= newer; older++) {
        const [olderRoot, path] = [await rootFrom(read, older), await consistencyPath(read, older, newer)];
        expect(verifyConsistency(older, newer, olderRoot, newerRoot, path)).toBe(true);
        const rewritten = await rootFrom(other, older);
        expect(verifyConsistency(older, newer, rewritten, newerRoot, path)).toBe(false);
        expect(verifyConsistency(older, newer, olderRoot, newerRoot, [...path, newerRoot])).toBe(false);
      }
    }
  });
});
