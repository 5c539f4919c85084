import { describe, expect, it } from "vitest";

import {
  BATCH,
  blocks,
  deployWithBatch,
  ethers,
  eventsOf,
  expectRefusal,
  listOf,
  suspend,
} from "../../support/units.js";

describe("safeTransferFrom", () => {
  it("should move any units and say which serials went", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, alice, bob } = ledger;

    const events = await eventsOf(ledger, units.connect(alice).safeTransferFrom(alice, bob, BATCH, 10, "0x"));

    expect(events).toEqual([
      { name: "TransferSingle", args: [alice.address, alice.address, bob.address, BATCH, 10n] },
      { name: "BlocksMoved", args: [BATCH, alice.address, bob.address, [[1n, 10n]]] },
    ]);
    expect(await listOf(ledger, bob)).toEqual(blocks([1, 10]));
  });

  it("should change nothing in a transfer to oneself", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, alice } = ledger;

    await units.connect(alice).safeTransferFrom(alice, alice, BATCH, 10, "0x");

    expect(await listOf(ledger, alice)).toEqual(blocks([1, 1000]));
  });

  it("should refuse amount zero, and more than the balance", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, alice, bob } = ledger;

    const nothing = units.connect(alice).safeTransferFrom(alice, bob, BATCH, 0, "0x");
    await expectRefusal(ledger, nothing, "UnitsAmountZero", [BATCH]);
    const tooMuch = units.connect(alice).safeTransferFrom(alice, bob, BATCH, ethers.MaxUint256, "0x");
    await expectRefusal(ledger, tooMuch, "UnitsInsufficientBalance", [alice, BATCH, 1000n, ethers.MaxUint256]);
  });

  it("should refuse the zero address", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, alice } = ledger;

    const call = units.connect(alice).safeTransferFrom(alice, ethers.ZeroAddress, BATCH, 1, "0x");

    await expectRefusal(ledger, call, "ERC1155InvalidReceiver", [ethers.ZeroAddress]);
  });

  it("should refuse a caller without approval, the intents contract too", async () => {
    const ledger = await deployWithBatch();
    const { units, alice, bob, intents } = ledger;

    for (const caller of [bob, intents]) {
      const call = units.connect(caller).safeTransferFrom(alice, bob, BATCH, 1, "0x");
      await expectRefusal(ledger, call, "ERC1155MissingApprovalForAll", [caller, alice]);
    }
  });

  it("INV-4 should refuse an approved operator that is not active", async () => {
    const ledger = await deployWithBatch();
    const { units, alice, bob, carol } = ledger;
    await units.connect(alice).setApprovalForAll(carol, true);
    await units.connect(carol).safeTransferFrom(alice, bob, BATCH, 1, "0x");
    await suspend(ledger, carol);

    const call = units.connect(carol).safeTransferFrom(alice, bob, BATCH, 1, "0x");

    await expectRefusal(ledger, call, "UnitsCallerNotAllowed", [carol, alice]);
  });

  it("ERC-7943 should not succeed where canTransfer is false", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, alice, bob, officer, guardian } = ledger;
    const call = (): Promise<unknown> => units.connect(alice).safeTransferFrom(alice, bob, BATCH, 10, "0x");

    await units.connect(officer).setFrozenTokens(alice, BATCH, 991);
    await expectRefusal(ledger, call(), "ERC7943InsufficientUnfrozenBalance", [alice, BATCH, 10n, 9n]);
    await units.connect(officer).setFrozenTokens(alice, BATCH, 0);
    await units.connect(guardian).pause();
    await expectRefusal(ledger, call(), "UnitsPaused", []);
    await units.connect(officer).unpause();
    await units.connect(guardian).pauseBatch(BATCH);
    await expectRefusal(ledger, call(), "UnitsBatchPaused", [BATCH]);
    await units.connect(officer).unpauseBatch(BATCH);
    await suspend(ledger, bob);
    await expectRefusal(ledger, call(), "ERC7943CannotReceive", [bob]);
    await suspend(ledger, alice);
    await expectRefusal(ledger, call(), "ERC7943CannotSend", [alice]);
  });
});
