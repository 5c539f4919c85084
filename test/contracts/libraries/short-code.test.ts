import hre from "hardhat";
import { describe, expect, it } from "vitest";

import { CODE_PATTERN, encodeCode } from "../../../src/chain/codes.js";
import { LibrariesHarness__factory } from "../../../types/ethers-contracts/factories/test/LibrariesHarness__factory.js";

const { ethers } = await hre.network.create();
const [signer] = await ethers.getSigners();
const harness = await new LibrariesHarness__factory(signer!).deploy();

const word = (...bytes: number[]) => `0x${Buffer.from(bytes).toString("hex").padEnd(64, "0")}`;

describe("ShortCode", () => {
  it.each(["A", "VCS-1.2", "0", "-.", "ABCDEFGHIJKLMNOPQRSTUVWXYZ01234", "56789"])("accepts %s", async (code) => {
    expect(await harness.isValidCode(encodeCode(code))).toBe(true);
  });

  it("allows exactly the characters that the service allows", async () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => byte);
    const answers = await Promise.all(bytes.map((byte) => harness.isValidCode(word(0x41, byte, 0x42))));
    expect(answers).toEqual(bytes.map((byte) => CODE_PATTERN.test(String.fromCharCode(0x41, byte, 0x42))));
  });

  it.each([
    ["nothing", word()],
    ["a gap", word(0x41, 0, 0x42)],
    ["a leading gap", word(0, 0x41)],
    ["32 characters", `0x${"41".repeat(32)}`],
    ["a right-aligned code", `0x${"41".padStart(64, "0")}`],
  ])("refuses %s", async (_, code) => {
    expect(await harness.isValidCode(code)).toBe(false);
  });
});
