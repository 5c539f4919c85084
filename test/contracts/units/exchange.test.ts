import { describe, expect, it } from "vitest";

import {
  ANY,
  BATCH,
  blocks,
  deployUnits,
  deployWithBatch,
  expectRefusal,
  listOf,
  replaceAccount,
  suspend,
} from "../../support/units.js";

describe("the exchange in Units", () => {
  describe("given a deposit or a withdrawal", () => {
    it("should let any or named units go to the exchange and come back, though it is no participant", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, alice, bob, exchange } = ledger;

      await units.connect(alice).transfer(alice, exchange, BATCH, 100, blocks([201, 300]));
      await units.connect(alice).safeTransferFrom(alice, exchange, BATCH, 100, "0x");
      expect(await units.balanceOf(exchange, BATCH)).toBe(200n);

      await units.connect(exchange).transfer(exchange, bob, BATCH, 50, blocks([211, 260]));
      await units.connect(exchange).safeTransferFrom(exchange, alice, BATCH, 150, "0x");
      expect(await listOf(ledger, exchange)).toEqual([]);
      expect(await listOf(ledger, bob)).toEqual(blocks([211, 260]));
    });

    it("should refuse a suspended firm on the other side", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, alice, exchange } = ledger;
      await units.connect(alice).transfer(alice, exchange, BATCH, 100, ANY);
      await suspend(ledger, alice);

      const out = units.connect(exchange).transfer(exchange, alice, BATCH, 1, ANY);
      await expectRefusal(ledger, out, "ERC7943CannotReceive", [alice]);
      const into = units.connect(alice).transfer(alice, exchange, BATCH, 1, ANY);
      await expectRefusal(ledger, into, "ERC7943CannotSend", [alice]);
    });

    it("should refuse what is frozen, and while paused", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, alice, exchange, officer, guardian } = ledger;
      await units.connect(officer).setFrozenTokens(alice, BATCH, 950);
      const call = units.connect(alice).transfer(alice, exchange, BATCH, 51, ANY);
      await expectRefusal(ledger, call, "ERC7943InsufficientUnfrozenBalance", [alice, BATCH, 51n, 50n]);

      await units.connect(guardian).pause();
      const paused = units.connect(alice).transfer(alice, exchange, BATCH, 1, ANY);
      await expectRefusal(ledger, paused, "UnitsPaused", []);
    });

    it("ERC-7943 should say so beforehand", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, alice, bob, stranger, exchange } = ledger;
      expect([await units.canSend(exchange), await units.canReceive(exchange)]).toEqual([true, true]);
      expect(await units.canTransfer(alice, exchange, BATCH, 1000)).toBe(true);
      expect(await units.canTransfer(exchange, alice, BATCH, 1)).toBe(false);
      await units.connect(alice).transfer(alice, exchange, BATCH, 10, ANY);
      expect(await units.canTransfer(exchange, bob, BATCH, 10)).toBe(true);
      expect(await units.canTransfer(exchange, stranger, BATCH, 10)).toBe(false);
    });

    it("should not make it an operator: a holder's approval of the exchange moves nothing", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, alice, exchange } = ledger;
      await units.connect(alice).setApprovalForAll(exchange, true);

      const call = units.connect(exchange).transfer(alice, exchange, BATCH, 1, ANY);
      await expectRefusal(ledger, call, "UnitsCallerNotAllowed", [exchange, alice]);
    });
  });

  describe("given an act of an institution", () => {
    it("should refuse to freeze what it holds", async () => {
      const ledger = await deployUnits();
      const { units, officer, exchange } = ledger;
      const call = units.connect(officer).setFrozenTokens(exchange, BATCH, 1);
      await expectRefusal(ledger, call, "ERC7943CannotSend", [exchange]);
    });

    it("should refuse forced transfers from it and to it", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, enforcer, alice, bob, exchange } = ledger;
      await units.connect(alice).transfer(alice, exchange, BATCH, 100, ANY);

      const from = units.connect(enforcer).forcedTransfer(exchange, bob, BATCH, 1);
      await expectRefusal(ledger, from, "ERC7943CannotSend", [exchange]);
      const to = units.connect(enforcer).forcedTransfer(alice, exchange, BATCH, 1);
      await expectRefusal(ledger, to, "ERC7943CannotReceive", [exchange]);
    });

    it("should refuse to issue to it", async () => {
      const ledger = await deployUnits();
      const { units, registry, alice, exchange } = ledger;
      const issue = units.connect(registry).issue(BATCH, exchange, 10, alice, 0);
      await expectRefusal(ledger, issue, "ERC7943CannotReceive", [exchange]);
      const buffer = units.connect(registry).issue(BATCH, alice, 10, exchange, 1);
      await expectRefusal(ledger, buffer, "ERC7943CannotReceive", [exchange]);
    });

    it("should hold all that also where its address was admitted, and replaced, by mistake", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, participants, registrar, officer, enforcer, alice, stranger, exchange } = ledger;
      await units.connect(alice).transfer(alice, exchange, BATCH, 100, ANY);
      await participants.connect(registrar).addAccount(1, exchange);
      const forced = units.connect(enforcer).forcedTransfer(alice, exchange, BATCH, 1);
      await expectRefusal(ledger, forced, "ERC7943CannotReceive", [exchange]);

      await replaceAccount(ledger, exchange, stranger);
      const recovery = units.connect(officer).recover(exchange, BATCH);
      await expectRefusal(ledger, recovery, "UnitsNotReplaced", [exchange]);
    });

    it("should refuse to recover to it", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, officer, alice, exchange } = ledger;
      await replaceAccount(ledger, alice, exchange);
      const call = units.connect(officer).recover(alice, BATCH);
      await expectRefusal(ledger, call, "ERC7943CannotReceive", [exchange]);
    });
  });
});
