import { describe, expect, it } from "vitest";

import {
  BATCH,
  OTHER_BATCH,
  blocks,
  deployWithBatch,
  eventsOf,
  expectRefusal,
  issueTo,
  listOf,
  suspend,
} from "../../support/units.js";

describe("safeBatchTransferFrom", () => {
  it("should move several batches: one TransferBatch, then the blocks of each", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, alice, bob } = ledger;
    await issueTo(ledger, alice, 50, OTHER_BATCH);

    const sent = units.connect(alice).safeBatchTransferFrom(alice, bob, [BATCH, OTHER_BATCH], [10, 20], "0x");

    expect(await eventsOf(ledger, sent)).toEqual([
      {
        name: "TransferBatch",
        args: [alice.address, alice.address, bob.address, [BATCH, OTHER_BATCH], [10n, 20n]],
      },
      { name: "BlocksMoved", args: [BATCH, alice.address, bob.address, [[1n, 10n]]] },
      { name: "BlocksMoved", args: [OTHER_BATCH, alice.address, bob.address, [[1n, 20n]]] },
    ]);
    expect(await units.balanceOfBatch([alice, bob], [BATCH, OTHER_BATCH])).toEqual([990n, 20n]);
  });

  it("should take from a batch that is named twice one after the other", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, alice, bob } = ledger;

    const sent = units.connect(alice).safeBatchTransferFrom(alice, bob, [BATCH, BATCH], [10, 20], "0x");

    const events = await eventsOf(ledger, sent);
    expect(events.slice(1).map(({ args }) => args[3])).toEqual([[[1n, 10n]], [[11n, 30n]]]);
    expect(await listOf(ledger, bob)).toEqual(blocks([1, 30]));
  });

  it("should emit TransferSingle for a list of one", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, alice, bob } = ledger;

    const events = await eventsOf(ledger, units.connect(alice).safeBatchTransferFrom(alice, bob, [BATCH], [1], "0x"));

    expect(events.map(({ name }) => name)).toEqual(["TransferSingle", "BlocksMoved"]);
  });

  it("should move all or nothing", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, alice, bob } = ledger;
    await issueTo(ledger, alice, 50, OTHER_BATCH);
    const move = (amounts: number[]): Promise<unknown> =>
      units.connect(alice).safeBatchTransferFrom(alice, bob, [BATCH, OTHER_BATCH], amounts, "0x");

    await expectRefusal(ledger, move([10, 51]), "UnitsInsufficientBalance", [alice, OTHER_BATCH, 50n, 51n]);
    await expectRefusal(ledger, move([10, 0]), "UnitsAmountZero", [OTHER_BATCH]);
    await expectRefusal(ledger, move([10]), "ERC1155InvalidArrayLength", [2n, 1n]);
    expect(await listOf(ledger, alice)).toEqual(blocks([1, 1000]));
  });

  it("should refuse when one of the batches is paused, a side is not active, or nothing was approved", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, alice, bob, carol, guardian, officer } = ledger;
    await issueTo(ledger, alice, 50, OTHER_BATCH);
    const move = (caller = alice): Promise<unknown> =>
      units.connect(caller).safeBatchTransferFrom(alice, bob, [BATCH, OTHER_BATCH], [1, 1], "0x");

    await units.connect(guardian).pauseBatch(OTHER_BATCH);
    await expectRefusal(ledger, move(), "UnitsBatchPaused", [OTHER_BATCH]);
    await units.connect(officer).unpauseBatch(OTHER_BATCH);
    await expectRefusal(ledger, move(carol), "ERC1155MissingApprovalForAll", [carol, alice]);
    await suspend(ledger, bob);
    await expectRefusal(ledger, move(), "ERC7943CannotReceive", [bob]);
  });
});
