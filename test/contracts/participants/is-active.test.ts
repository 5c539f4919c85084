import { id, ZeroAddress } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { CAPABILITIES, deployTestLedger } from "../../support/ledger.js";

const ledger = await deployTestLedger();
const { participants, parts, firms } = ledger;
const [first, sibling, second, stranger] = firms.map(({ address }) => address) as [string, string, string, string];
await ledger.admit("0100109106", first, CAPABILITIES.TRADE_CREDITS | CAPABILITIES.HOLD_BUFFER);
await participants.addAccount(1, sibling);
await ledger.admit("0100109107", second, 0);
await ledger.checkpoint();

const everyone = [first, sibling, second, stranger, ZeroAddress];

/** Each pair's answer must be what `isActive` says of each. */
async function expectPairsAgree(active: readonly string[]): Promise<void> {
  for (const one of everyone) {
    expect(await participants.isActive(one)).toBe(active.includes(one));
    expect(await participants.isCapable(one, 0)).toBe(active.includes(one));
    for (const other of everyone) {
      const pair = await participants.areActive(one, other);
      expect([...pair]).toEqual([active.includes(one), active.includes(other)]);
    }
  }
}

describe("Participants.isActive and areActive", () => {
  beforeEach(ledger.reset);

  it("say yes for accounts of active participants, and no for strangers", async () => {
    await expectPairsAgree([first, sibling, second]);
  });

  it("say no for all accounts of a suspended participant", async () => {
    await participants.connect(parts.compliance1).suspend(1, id("decision"));
    await expectPairsAgree([second]);
  });

  it("say no for all accounts of a closed participant", async () => {
    await participants.close(2);
    await expectPairsAgree([first, sibling]);
  });

  it("say no for a removed account, and yes for its siblings", async () => {
    await participants.removeAccount(1, first);
    await expectPairsAgree([sibling, second]);
  });

  it("say yes until the second in which due diligence lapses, and no after it", async () => {
    const expiry = (await ledger.now()) + 1_000;
    await participants.update(1, 0, expiry, id("document"));
    await ledger.increaseTime(expiry - (await ledger.now()));
    expect(await ledger.now()).toBe(expiry);
    await expectPairsAgree([first, sibling, second]);
    await ledger.increaseTime(1);
    await expectPairsAgree([second]);
  });
});

describe("Participants.isCapable", () => {
  beforeEach(ledger.reset);

  it("says yes only when the participant has every capability asked for", async () => {
    expect(await participants.isCapable(first, CAPABILITIES.TRADE_CREDITS)).toBe(true);
    expect(await participants.isCapable(first, CAPABILITIES.TRADE_CREDITS | CAPABILITIES.HOLD_BUFFER)).toBe(true);
    expect(await participants.isCapable(first, CAPABILITIES.TRADE_CREDITS | CAPABILITIES.DEVELOP_PROJECTS)).toBe(false);
    expect(await participants.isCapable(second, CAPABILITIES.TRADE_CREDITS)).toBe(false);
    expect(await participants.isCapable(first, 2 ** 32 - 1)).toBe(false);
  });

  it("says no when the account is not active, whatever its participant may do", async () => {
    await participants.removeAccount(1, first);
    expect(await participants.isCapable(first, CAPABILITIES.TRADE_CREDITS)).toBe(false);
    expect(await participants.isCapable(stranger, 0)).toBe(false);
  });
});
