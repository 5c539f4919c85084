import { AbiCoder, keccak256 } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";

import { eventsOf, expectRevert } from "../../support/revert.js";
import {
  deployRetirements,
  PARTICIPANT_ID,
  REFUSED_TONNES,
  RETIREMENT_BATCH_ID,
  sampleCancellation,
  type RetirementsFixture,
} from "../../support/retirements.js";

describe("Retirements.cancel", () => {
  let fixture: RetirementsFixture;
  beforeAll(async () => {
    fixture = await deployRetirements();
  });

  it("should burn as cancelled, and record the serials that went, without a certificate", async () => {
    const { ethers, units, retirements, holder } = fixture;
    const taken = [{ start: 100n, end: 104n }];
    await units.setTaken(taken);
    const order = sampleCancellation();
    expect(await retirements.cancel.staticCall(holder, order)).toBe(1n);
    const transaction = await retirements.cancel(holder, order);
    const receipt = await transaction.wait();
    await units.setTaken([]);

    const [burned] = eventsOf(receipt, units);
    expect(burned?.args).toEqual([retirements.target, holder.address, RETIREMENT_BATCH_ID, 5n, [], true]);

    const timestamp = BigInt((await ethers.provider.getBlock(receipt?.blockNumber ?? 0))?.timestamp ?? 0);
    const events = eventsOf(receipt, retirements);
    expect(events.map(({ name }) => name)).toEqual(["Cancelled"]);
    const record = [1n, holder.address, BigInt(PARTICIPANT_ID), timestamp];
    expect(events[0]?.args.slice(0, 5)).toEqual([1n, holder.address, RETIREMENT_BATCH_ID, ...record.slice(2)]);
    expect(events[0]?.args[5]).toEqual([RETIREMENT_BATCH_ID, 5n, [[100n, 104n]], 1n, "Measured twice"]);

    const orderType = retirements.interface.getFunction("cancel").inputs[1];
    if (orderType === undefined) throw new Error("cancel has no order");
    const encoded = AbiCoder.defaultAbiCoder().encode(
      ["uint256", "address", "uint32", "uint64", orderType],
      [...record, { ...order, blocks: taken }],
    );
    expect(await retirements.cancellationHash(1n)).toBe(keccak256(encoded));
    expect(await retirements.retirementCount()).toBe(0n);
    expect(await retirements.cancellationCount()).toBe(1n);
    expect(await retirements.balanceOf(holder)).toBe(0n);
    await expectRevert(retirements.ownerOf(1n), retirements, "ERC721NonexistentToken", [1n]);
  });

  it("should obey the intents contract", async () => {
    const { retirements, intents, holder } = fixture;
    const before = await retirements.cancellationCount();
    await retirements.connect(intents).cancel(holder, sampleCancellation({ reason: 4 }));
    expect(await retirements.cancellationCount()).toBe(before + 1n);
  });

  it("should refuse anybody else", async () => {
    const { retirements, stranger, holder } = fixture;
    const attempt = retirements.connect(stranger).cancel(holder, sampleCancellation());
    await expectRevert(attempt, retirements, "RetirementsCallerNotAllowed", [stranger.address, holder.address]);
  });

  it("should refuse an account that is not active", async () => {
    const { retirements, participants, stranger } = fixture;
    await participants.set(stranger, 8, false);
    const attempt = retirements.connect(stranger).cancel(stranger, sampleCancellation());
    await expectRevert(attempt, retirements, "RetirementsAccountNotActive", [stranger.address]);
  });

  it("should take details of 1,000 bytes, and not one more", async () => {
    const { retirements, holder } = fixture;
    await retirements.cancel(holder, sampleCancellation({ details: "x".repeat(1000) }));

    const attempt = retirements.cancel(holder, sampleCancellation({ details: "x".repeat(1001) }));
    await expectRevert(attempt, retirements, "RetirementsTextTooLong", [1001n, 1000n]);
  });

  it("should refuse an unknown reason", async () => {
    const { retirements, holder } = fixture;
    await expect(retirements.cancel(holder, sampleCancellation({ reason: 5 }))).rejects.toThrow();
  });

  it("should revert as Units does", async () => {
    const { retirements, holder, units } = fixture;
    const attempt = retirements.cancel(holder, sampleCancellation({ tonnes: REFUSED_TONNES }));
    await expectRevert(attempt, units, "UnitsMockRefused", [REFUSED_TONNES]);
  });
});
