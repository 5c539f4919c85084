import { describe, expect, it } from "vitest";

import { BASE_URI, batchId, deployUnits, ethers } from "../../support/units.js";

describe("uri", () => {
  it("should be the base followed by the batch code", async () => {
    const { units } = await deployUnits();

    for (const code of ["VN-1-2024", "A", "ABCDEFGHIJKLMNOPQRSTUVWXYZ01234"]) {
      expect(await units.uri(batchId(code))).toBe(BASE_URI + code);
    }
  });

  it("should be the bare base for a number that is no code", async () => {
    const { units } = await deployUnits();

    expect(await units.uri(0)).toBe(BASE_URI);
    expect(await units.uri(1)).toBe(BASE_URI);
  });

  it("should not revert for the highest number", async () => {
    const { units } = await deployUnits();
    const data = await ethers.provider.call({
      to: await units.getAddress(),
      data: units.interface.encodeFunctionData("uri", [ethers.MaxUint256]),
    });

    // The bytes are no text; the length is the base and all 32 of them.
    expect(BigInt(ethers.dataSlice(data, 32, 64))).toBe(BigInt(BASE_URI.length + 32));
  });
});
