import { beforeAll, describe, expect, it } from "vitest";

import { expectRevert } from "../../support/revert.js";
import { deployRetirements, sampleRetirement, type RetirementsFixture } from "../../support/retirements.js";

let fixture: RetirementsFixture;
beforeAll(async () => {
  fixture = await deployRetirements();
  await fixture.retirements.retire(fixture.holder, sampleRetirement());
});

const expectLocked = (attempt: Promise<unknown>, retirementId: bigint) =>
  expectRevert(attempt, fixture.retirements, "RetirementsCertificateLocked", [retirementId]);

describe("Retirements.transferFrom and safeTransferFrom", () => {
  it("should refuse the owner", async () => {
    const { retirements, holder, stranger } = fixture;
    await expectLocked(retirements.transferFrom(holder, stranger, 1n), 1n);
    await expectLocked(retirements["safeTransferFrom(address,address,uint256)"](holder, stranger, 1n), 1n);
    const withData = retirements["safeTransferFrom(address,address,uint256,bytes)"](holder, stranger, 1n, "0x");
    await expectLocked(withData, 1n);
    expect(await retirements.ownerOf(1n)).toBe(holder.address);
  });

  it("should refuse anybody else, and a transfer to the owner itself", async () => {
    const { retirements, holder, stranger } = fixture;
    await expectLocked(retirements.connect(stranger).transferFrom(holder, stranger, 1n), 1n);
    await expectLocked(retirements.transferFrom(holder, holder, 1n), 1n);
  });

  it("should refuse what does not exist", async () => {
    const { retirements, holder, stranger } = fixture;
    const attempt = retirements.transferFrom(holder, stranger, 2n);
    await expectRevert(attempt, retirements, "ERC721NonexistentToken", [2n]);
  });
});

describe("Retirements.approve and setApprovalForAll", () => {
  it("should refuse the owner", async () => {
    const { retirements, stranger } = fixture;
    await expectLocked(retirements.approve(stranger, 1n), 1n);
    await expectLocked(retirements.setApprovalForAll(stranger, true), 0n);
  });
});

describe("Retirements.locked", () => {
  it("should be true for a certificate, and revert for none", async () => {
    const { retirements } = fixture;
    expect(await retirements.locked(1n)).toBe(true);
    await expectRevert(retirements.locked(2n), retirements, "ERC721NonexistentToken", [2n]);
  });
});

describe("Retirements.supportsInterface", () => {
  it.each([
    ["ERC-165", "0x01ffc9a7", true],
    ["ERC-721", "0x80ac58cd", true],
    ["ERC-721 metadata", "0x5b5e139f", true],
    ["ERC-5192", "0xb45a3c0e", true],
    ["nothing", "0xffffffff", false],
    ["ERC-1155", "0xd9b67a26", false],
  ])("should answer for %s", async (_, interfaceId, expected) => {
    expect(await fixture.retirements.supportsInterface(interfaceId)).toBe(expected);
  });
});

describe("Retirements.name and symbol", () => {
  it("should say what it is", async () => {
    const { retirements } = fixture;
    expect(await retirements.name()).toBe("Carbon Retirement Certificate");
    expect(await retirements.symbol()).toBe("RETIRED");
  });
});
