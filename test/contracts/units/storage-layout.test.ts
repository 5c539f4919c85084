import { readFile } from "node:fs/promises";

import hre from "hardhat";
import { describe, expect, it } from "vitest";

import { RETIRED_TOPIC } from "../../../src/chain/record-bytes.js";
import { Retirements__factory } from "../../../types/ethers-contracts/factories/Retirements__factory.js";

interface BuildOutput {
  output: {
    contracts: Record<string, Record<string, { storageLayout?: { storage: { label: string; slot: string }[] } }>>;
  };
}

describe("the storage layout of Units", () => {
  it("should have the holdings where proofs look for them", async () => {
    const buildInfoId = await hre.artifacts.getBuildInfoId("contracts/Units.sol:Units");
    const path = await hre.artifacts.getBuildInfoOutputPath(buildInfoId ?? "");
    const { output } = JSON.parse(await readFile(path ?? "", "utf8")) as BuildOutput;
    const layout = output.contracts["project/contracts/Units.sol"]?.Units?.storageLayout?.storage ?? [];
    const slotOf = (label: string) => layout.find((variable) => variable.label === label)?.slot;
    expect([slotOf("_holdings"), slotOf("_frozenTonnes")]).toEqual(["0", "1"]);
  });
});

describe("the event of a retirement", () => {
  it("should be the one that records are read from", () => {
    expect(Retirements__factory.createInterface().getEvent("Retired").topicHash).toBe(RETIRED_TOPIC);
  });
});
