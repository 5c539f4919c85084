import hre from "hardhat";
import { describe, expect, it } from "vitest";

import { LibrariesHarness__factory } from "../../../types/ethers-contracts/factories/test/LibrariesHarness__factory.js";

const { ethers } = await hre.network.create();
const [signer] = await ethers.getSigners();
const harness = await new LibrariesHarness__factory(signer!).deploy();

describe("TaxCode", () => {
  it.each([
    ["0100109106", 1_001_091_060_000n],
    ["0100109106-007", 1_001_091_061_007n],
    ["0100000000", 1_000_000_000_000n],
    ["0100000000-000", 1_000_000_001_000n],
    ["0000000000", 0n],
    ["9999999999-999", 99_999_999_991_999n],
  ])("reads %s", async (text, code) => {
    expect([...(await harness.parseTaxCode(text))]).toEqual([true, code]);
  });

  it.each([
    ["nothing", ""],
    ["nine digits", "010010910"],
    ["eleven digits", "01001091060"],
    ["a letter O for a zero", "O100109106"],
    ["a space", "0100109106 "],
    ["a hyphen and nothing", "0100109106-"],
    ["two branch digits", "0100109106-01"],
    ["four branch digits", "0100109106-0001"],
    ["another separator", "0100109106.001"],
    ["a hyphen among the ten digits", "01001-0910-001"],
    ["digits of another script", "٠١٠٠١"],
    ["fourteen digits", "01001091060001"],
    ["a letter in the branch", "0100109106-00A"],
  ])("refuses %s", async (_, text) => {
    expect([...(await harness.parseTaxCode(text))]).toEqual([false, 0n]);
  });
});
