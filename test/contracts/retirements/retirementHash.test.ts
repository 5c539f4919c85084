import { readFile } from "node:fs/promises";

import { AbiCoder, keccak256, toBeHex } from "ethers";
import hre from "hardhat";
import { beforeAll, describe, expect, it } from "vitest";

import { expectRevert } from "../../support/revert.js";
import {
  deployRetirements,
  sampleCancellation,
  sampleRetirement,
  type RetirementsFixture,
} from "../../support/retirements.js";

/** As the contract's documentation states them, for storage proofs. */
const RETIREMENT_HASHES_SLOT = 8;
const CANCELLATION_HASHES_SLOT = 9;

let fixture: RetirementsFixture;
beforeAll(async () => {
  fixture = await deployRetirements();
  const { retirements, holder } = fixture;
  await retirements.retire(holder, sampleRetirement());
  await retirements.retire(holder, sampleRetirement({ tonnes: 6n }));
  await retirements.cancel(holder, sampleCancellation());
});

const mappedSlot = (key: bigint, slot: number) =>
  keccak256(AbiCoder.defaultAbiCoder().encode(["uint256", "uint256"], [key, slot]));
const storageAt = async (key: bigint, slot: number) =>
  fixture.ethers.provider.getStorage(await fixture.retirements.getAddress(), mappedSlot(key, slot));

interface BuildOutput {
  output: {
    contracts: Record<string, Record<string, { storageLayout?: { storage: { label: string; slot: string }[] } }>>;
  };
}

describe("Retirements.retirementHash", () => {
  it("should be different for every retirement, and revert for none", async () => {
    const { retirements } = fixture;
    expect(await retirements.retirementHash(1n)).not.toBe(await retirements.retirementHash(2n));
    for (const id of [0n, 3n])
      await expectRevert(retirements.retirementHash(id), retirements, "RetirementsUnknown", [id]);
  });

  it("should lie in the documented slot", async () => {
    const { retirements } = fixture;
    expect(await storageAt(1n, RETIREMENT_HASHES_SLOT)).toBe(await retirements.retirementHash(1n));
    expect(await storageAt(2n, RETIREMENT_HASHES_SLOT)).toBe(await retirements.retirementHash(2n));
  });

  it("should be what a storage proof proves", async () => {
    const { ethers, retirements } = fixture;
    const key = mappedSlot(2n, RETIREMENT_HASHES_SLOT);
    const proof = (await ethers.provider.send("eth_getProof", [retirements.target, [key], "latest"])) as {
      storageProof: { key: string; value: string }[];
    };
    expect(toBeHex(proof.storageProof[0]?.value ?? "0x", 32)).toBe(await retirements.retirementHash(2n));
  });
});

describe("Retirements.cancellationHash", () => {
  it("should lie in the documented slot, and revert for none", async () => {
    const { retirements } = fixture;
    expect(await storageAt(1n, CANCELLATION_HASHES_SLOT)).toBe(await retirements.cancellationHash(1n));
    for (const id of [0n, 2n]) {
      await expectRevert(retirements.cancellationHash(id), retirements, "RetirementsUnknown", [id]);
    }
  });
});

describe("the storage layout of Retirements", () => {
  it("should have the mappings where the documentation says", async () => {
    const buildInfoId = await hre.artifacts.getBuildInfoId("contracts/Retirements.sol:Retirements");
    const path = await hre.artifacts.getBuildInfoOutputPath(buildInfoId ?? "");
    const { output } = JSON.parse(await readFile(path ?? "", "utf8")) as BuildOutput;
    const layout = output.contracts["project/contracts/Retirements.sol"]?.Retirements?.storageLayout?.storage ?? [];
    const slotOf = (label: string) => layout.find((variable) => variable.label === label)?.slot;

    expect(slotOf("_retirementHashes")).toBe(String(RETIREMENT_HASHES_SLOT));
    expect(slotOf("_cancellationHashes")).toBe(String(CANCELLATION_HASHES_SLOT));
  });
});
