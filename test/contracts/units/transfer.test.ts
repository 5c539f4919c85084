import { describe, expect, it } from "vitest";

import {
  ANY,
  BATCH,
  blocks,
  deployWithBatch,
  ethers,
  eventsOf,
  expectRefusal,
  listOf,
  scatter,
  suspend,
  type Block,
} from "../../support/units.js";

describe("transfer", () => {
  describe("given any units", () => {
    it("should take the low end of the last block and say which serials moved", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, alice, bob } = ledger;

      const events = await eventsOf(ledger, units.connect(alice).transfer(alice, bob, BATCH, 100, ANY));

      expect(events).toEqual([
        { name: "TransferSingle", args: [alice.address, alice.address, bob.address, BATCH, 100n] },
        { name: "BlocksMoved", args: [BATCH, alice.address, bob.address, [[1n, 100n]]] },
      ]);
      expect(await listOf(ledger, alice)).toEqual(blocks([101, 1000]));
      expect(await listOf(ledger, bob)).toEqual(blocks([1, 100]));
      expect(await units.balanceOf(alice, BATCH)).toBe(900n);
      expect(await units.balanceOf(bob, BATCH)).toBe(100n);
    });

    it("should take the latest received first, whole blocks and then part of one", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, alice, bob, carol } = ledger;
      await units.connect(alice).transfer(alice, bob, BATCH, 30, blocks([1, 10], [101, 110], [201, 210]));

      const events = await eventsOf(ledger, units.connect(bob).transfer(bob, carol, BATCH, 15, ANY));

      expect(events[1]?.args[3]).toEqual([
        [201n, 210n],
        [101n, 105n],
      ]);
      expect(await listOf(ledger, bob)).toEqual(blocks([1, 10], [106, 110]));
    });

    it("should leave nothing behind when all goes", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, alice, bob } = ledger;

      await units.connect(alice).transfer(alice, bob, BATCH, 1000, ANY);

      expect(await listOf(ledger, alice)).toEqual([]);
      expect(await units.balanceOf(alice, BATCH)).toBe(0n);
      expect(await listOf(ledger, bob)).toEqual(blocks([1, 1000]));
    });

    it("should refuse more blocks than the limit and say how much can move", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, bob, carol } = ledger;
      await scatter(ledger, 70);

      const tooMany = units.connect(bob).transfer(bob, carol, BATCH, 65, ANY);

      await expectRefusal(ledger, tooMany, "UnitsTooManyBlocks", [65n, 64n, 64n]);
      await units.connect(bob).transfer(bob, carol, BATCH, 64, ANY);
      expect(await units.balanceOf(carol, BATCH)).toBe(64n);
      expect(await units.blockCount(bob, BATCH)).toBe(6n);
    });
  });

  describe("given named blocks", () => {
    it("should take exactly these and cut what they were part of", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, alice, bob } = ledger;

      await units.connect(alice).transfer(alice, bob, BATCH, 21, blocks([500, 510], [1, 5], [996, 1000]));

      expect(await listOf(ledger, bob)).toEqual(blocks([500, 510], [1, 5], [996, 1000]));
      expect(await listOf(ledger, alice)).toEqual(blocks([6, 499], [511, 995]));
    });

    it("should find a block anywhere in a long list", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, bob, carol } = ledger;
      await scatter(ledger, 50);

      await units.connect(bob).transfer(bob, carol, BATCH, 3, blocks([51, 51], [3, 3], [99, 99]));

      expect(await listOf(ledger, carol)).toEqual(blocks([51, 51], [3, 3], [99, 99]));
      expect(await units.blockCount(bob, BATCH)).toBe(47n);
    });

    const refused: [string, Block[], bigint, string, bigint[]][] = [
      ["not owned", blocks([1001, 1001]), 1n, "UnitsBlockNotHeld", [1001n, 1001n]],
      ["partly owned", blocks([900, 1001]), 102n, "UnitsBlockNotHeld", [900n, 1001n]],
      ["overlapping", blocks([1, 10], [10, 11]), 12n, "UnitsBlockNotHeld", [10n, 11n]],
      ["repeated", blocks([1, 10], [1, 10]), 20n, "UnitsBlockNotHeld", [1n, 10n]],
      ["reversed", blocks([10, 1]), 10n, "UnitsBlockInvalid", [10n, 1n]],
      ["from zero", blocks([0, 9]), 10n, "UnitsBlockInvalid", [0n, 9n]],
      ["beyond 40 bits", blocks([1, 2 ** 40]), 10n, "UnitsBlockInvalid", [1n, 2n ** 40n]],
      ["of another sum", blocks([1, 10]), 11n, "UnitsTonnesMismatch", [11n, 10n]],
    ];
    for (const [what, named, tonnes, error, evidence] of refused) {
      it(`given blocks ${what}, it should refuse and change nothing`, async () => {
        const ledger = await deployWithBatch(1000);
        const { units, alice, bob } = ledger;

        const call = units.connect(alice).transfer(alice, bob, BATCH, tonnes, named);

        const prefix = error === "UnitsBlockNotHeld" ? [alice, BATCH] : [];
        await expectRefusal(ledger, call, error, [...prefix, ...evidence]);
        expect(await listOf(ledger, alice)).toEqual(blocks([1, 1000]));
      });
    }

    it("should refuse to name more than the limit", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, alice, bob } = ledger;
      const named = blocks(...Array.from({ length: 65 }, (_, i) => [2 * i + 1, 2 * i + 1] as const));

      const call = units.connect(alice).transfer(alice, bob, BATCH, 65, named);

      await expectRefusal(ledger, call, "UnitsTooManyBlocks", [65n, 64n, 64n]);
    });
  });

  describe("given a receiver with neighbours of what arrives", () => {
    it("should merge on both sides, also bridging two blocks into one", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, alice, bob } = ledger;
      const give = (start: number, end: number): Promise<unknown> =>
        units.connect(alice).transfer(alice, bob, BATCH, end - start + 1, blocks([start, end]));

      await give(100, 109);
      await give(110, 119);
      expect(await listOf(ledger, bob)).toEqual(blocks([100, 119]));
      await give(90, 99);
      expect(await listOf(ledger, bob)).toEqual(blocks([90, 119]));
      await give(130, 139);
      expect(await listOf(ledger, bob)).toEqual(blocks([90, 119], [130, 139]));
      await give(120, 129);
      expect(await listOf(ledger, bob)).toEqual(blocks([90, 139]));
      // The same with the two neighbours in the other order.
      await give(300, 309);
      await give(280, 289);
      await give(290, 299);
      expect(await listOf(ledger, bob)).toEqual(blocks([90, 139], [280, 309]));
    });
  });

  describe("given sender and receiver are one", () => {
    it("should change nothing, and emit as any transfer", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, alice } = ledger;

      const events = await eventsOf(ledger, units.connect(alice).transfer(alice, alice, BATCH, 10, ANY));
      await units.connect(alice).transfer(alice, alice, BATCH, 10, blocks([500, 509]));

      expect(events).toEqual([
        { name: "TransferSingle", args: [alice.address, alice.address, alice.address, BATCH, 10n] },
        { name: "BlocksMoved", args: [BATCH, alice.address, alice.address, [[1n, 10n]]] },
      ]);
      expect(await listOf(ledger, alice)).toEqual(blocks([1, 1000]));
      const tooMuch = units.connect(alice).transfer(alice, alice, BATCH, 1001, ANY);
      await expectRefusal(ledger, tooMuch, "UnitsInsufficientBalance", [alice, BATCH, 1000n, 1001n]);
    });
  });

  describe("given the caller is not the holder", () => {
    it("should obey the intents contract", async () => {
      const { units, alice, bob, intents } = await deployWithBatch();

      await units.connect(intents).transfer(alice, bob, BATCH, 1, ANY);

      expect(await units.balanceOf(bob, BATCH)).toBe(1n);
    });

    it("should obey an approved operator that is an active participant's account", async () => {
      const { units, alice, bob, carol } = await deployWithBatch();
      await units.connect(alice).setApprovalForAll(carol, true);

      await units.connect(carol).transfer(alice, bob, BATCH, 1, ANY);

      expect(await units.balanceOf(bob, BATCH)).toBe(1n);
    });

    it("INV-4 should refuse an approved operator that is not active", async () => {
      const ledger = await deployWithBatch();
      const { units, alice, bob, carol, stranger } = ledger;
      await units.connect(alice).setApprovalForAll(carol, true);
      await units.connect(alice).setApprovalForAll(stranger, true);
      await suspend(ledger, carol);

      for (const operator of [carol, stranger]) {
        const call = units.connect(operator).transfer(alice, bob, BATCH, 1, ANY);
        await expectRefusal(ledger, call, "UnitsCallerNotAllowed", [operator, alice]);
      }
    });

    it("should refuse everybody else", async () => {
      const ledger = await deployWithBatch();
      const { units, alice, bob, retirements } = ledger;

      for (const caller of [bob, retirements]) {
        const call = units.connect(caller).transfer(alice, bob, BATCH, 1, ANY);
        await expectRefusal(ledger, call, "UnitsCallerNotAllowed", [caller, alice]);
      }
    });
  });

  describe("given amounts that cannot be", () => {
    it("should refuse zero, more than the balance, and the highest number", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, alice, bob } = ledger;
      const move = (tonnes: bigint): Promise<unknown> => units.connect(alice).transfer(alice, bob, BATCH, tonnes, ANY);

      await expectRefusal(ledger, move(0n), "UnitsAmountZero", [BATCH]);
      for (const tonnes of [1001n, 2n ** 53n + 1n, ethers.MaxUint256]) {
        await expectRefusal(ledger, move(tonnes), "UnitsInsufficientBalance", [alice, BATCH, 1000n, tonnes]);
      }
    });
  });

  describe("given a side that is not active", () => {
    it("INV-4 should refuse a suspended sender, and its holdings stay", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, alice, bob } = ledger;
      await suspend(ledger, alice);

      const call = units.connect(alice).transfer(alice, bob, BATCH, 1, ANY);

      await expectRefusal(ledger, call, "ERC7943CannotSend", [alice]);
      expect(await listOf(ledger, alice)).toEqual(blocks([1, 1000]));
    });

    it("INV-4 should refuse a receiver that is suspended, unknown, or nobody", async () => {
      const ledger = await deployWithBatch();
      const { units, alice, bob, stranger } = ledger;
      await suspend(ledger, bob);

      for (const to of [bob.address, stranger.address, ethers.ZeroAddress]) {
        const call = units.connect(alice).transfer(alice, to, BATCH, 1, ANY);
        await expectRefusal(ledger, call, "ERC7943CannotReceive", [to]);
      }
    });
  });

  it("given frozen units, it should move what is not frozen and no more", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, alice, bob, officer } = ledger;
    await units.connect(officer).setFrozenTokens(alice, BATCH, 900);

    const call = units.connect(alice).transfer(alice, bob, BATCH, 101, ANY);

    await expectRefusal(ledger, call, "ERC7943InsufficientUnfrozenBalance", [alice, BATCH, 101n, 100n]);
    await units.connect(alice).transfer(alice, bob, BATCH, 100, ANY);
    expect(await units.getFrozenTokens(alice, BATCH)).toBe(900n);
  });

  describe("given a receiver that is a contract", () => {
    async function withReceiver(manner: number) {
      const ledger = await deployWithBatch(1000);
      const receiver = await ethers.deployContract("ReceiverMock");
      await receiver.set(manner, ledger.carol);
      await ledger.participants.connect(ledger.registrar).addAccount(2, receiver);
      return { ledger, receiver };
    }

    it("should ask it when all is written, so that it may pass the units on at once", async () => {
      const { ledger, receiver } = await withReceiver(2);
      const { units, alice, carol } = ledger;

      const sent = await units.connect(alice).transfer(alice, receiver, BATCH, 10, ANY);

      const asked = (await sent.wait())!.logs
        .map((log) => receiver.interface.parseLog(log))
        .find((log) => log !== null);
      expect(asked?.args.toArray()).toEqual([alice.address, alice.address, BATCH, 10n, 10n, 1n]);
      expect(await listOf(ledger, carol)).toEqual(blocks([1, 10]));
      expect(await listOf(ledger, await receiver.getAddress())).toEqual([]);
    });

    it("should fail as a whole when it refuses", async () => {
      const { ledger, receiver } = await withReceiver(1);
      const { units, alice } = ledger;

      await expect(units.connect(alice).transfer(alice, receiver, BATCH, 10, ANY)).rejects.toThrow(
        "ReceiverMockRefused",
      );

      expect(await listOf(ledger, alice)).toEqual(blocks([1, 1000]));
    });

    it("should refuse a contract that cannot take units", async () => {
      const { ledger } = await withReceiver(0);
      const { units, alice, participants, registrar } = ledger;
      await participants.connect(registrar).addAccount(2, ledger.access);

      const call = units.connect(alice).transfer(alice, ledger.access, BATCH, 10, ANY);

      await expectRefusal(ledger, call, "ERC1155InvalidReceiver", [await ledger.access.getAddress()]);
    });
  });
});
