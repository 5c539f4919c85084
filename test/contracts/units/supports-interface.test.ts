import { describe, expect, it } from "vitest";

import { deployUnits, ethers } from "../../support/units.js";

describe("supportsInterface", () => {
  const supported: [string, string][] = [
    ["ERC-165", "0x01ffc9a7"],
    ["ERC-1155", "0xd9b67a26"],
    ["ERC-1155 metadata", "0x0e89341c"],
    ["ERC-7943 multi token", "0x41c4fbad"],
  ];
  for (const [name, id] of supported) {
    it(`should know ${name}`, async () => {
      const { units } = await deployUnits();

      expect(await units.supportsInterface(id)).toBe(true);
    });
  }

  it("should know its own interface: the exclusive or of its selectors", async () => {
    const { units } = await deployUnits();
    const own = [
      "transfer",
      "issue",
      "burn",
      "mergeBlocks",
      "recover",
      "pause",
      "unpause",
      "pauseBatch",
      "unpauseBatch",
      "paused",
      "batchPaused",
      "totals",
      "blockCount",
      "blocksOf",
      "MAX_BLOCKS",
      "MERGE_WINDOW",
    ] as const;
    const id = own.reduce((sum, name) => sum ^ BigInt(units.interface.getFunction(name).selector), 0n);

    expect(await units.supportsInterface(ethers.toBeHex(id, 4))).toBe(true);
  });

  it("should not know others", async () => {
    const { units } = await deployUnits();

    expect(await units.supportsInterface("0xffffffff")).toBe(false);
    expect(await units.supportsInterface("0x3edbb4c4")).toBe(false);
  });
});
