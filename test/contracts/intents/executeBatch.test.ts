import { AbiCoder, concat, dataLength, ZeroHash } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";

import { INTENT_KINDS } from "../../../src/chain/event-types.js";
import { itemHash, signedIntentItem, type SignedIntentItem } from "../../../src/chain/intent-payload.js";
import { signIntent } from "../../../src/chain/intents.js";
import {
  deployIntents,
  deployWallet,
  FAR_DEADLINE,
  MANNER,
  REFUSED_TONNES,
  sampleIntent,
  sampleIntents,
  transferItem,
  type IntentsFixture,
} from "../../support/intents.js";
import { eventsOf, expectRevert } from "../../support/revert.js";

const GAS_PER_INTENT = 300_000n;
/** `executeBatch` cuts a reason here. */
const MAX_REASON_BYTES = 256;

let fixture: IntentsFixture;
beforeAll(async () => {
  fixture = await deployIntents();
});

/** Executes and sorts the outcome. `executed` are the flags that the same call returns. */
async function execute(items: SignedIntentItem[], gasPerIntent = GAS_PER_INTENT) {
  const { intents } = fixture;
  const gasLimit = 16_000_000n;
  const executed = await intents.executeBatch.staticCall(items, gasPerIntent, { gasLimit });
  const transaction = await intents.executeBatch(items, gasPerIntent, { gasLimit });
  const receipt = await transaction.wait();
  const events = eventsOf(receipt, intents);
  const failed = events.filter(({ name }) => name === "IntentFailed").map(({ args }) => args);
  const nonces = events.filter(({ name }) => name === "IntentExecuted").map(({ named }) => named.nonce as bigint);
  return { executed: [...executed], failed, nonces, receipt };
}

/** Puts a bad item between two good ones, and checks that it alone fails. @returns Its reason. */
async function executeBetweenNeighbours(bad: SignedIntentItem): Promise<string> {
  const items = [await transferItem(fixture), bad, await transferItem(fixture)];
  const { executed, failed, nonces, receipt } = await execute(items);

  expect(executed).toEqual([true, false, true]);
  expect(nonces).toHaveLength(2);
  expect(eventsOf(receipt, fixture.units)).toHaveLength(2);
  expect(failed).toHaveLength(1);
  expect(failed[0]?.slice(0, 2)).toEqual([itemHash(bad), 1n]);
  return String(failed[0]?.[2]);
}

const reasonName = (reason: string) => fixture.intents.interface.parseError(reason)?.name;

describe("Intents.executeBatch", () => {
  describe("given good items", () => {
    it("should execute every kind, in order", async () => {
      const { holder, stranger, domain } = fixture;
      const items: SignedIntentItem[] = [];
      const nonces: bigint[] = [];
      for (const kind of INTENT_KINDS) {
        const intent = sampleIntents(holder.address, stranger.address)[kind];
        items.push(signedIntentItem(kind, intent, await signIntent(holder, kind, intent, domain)));
        nonces.push(intent.nonce);
      }

      const outcome = await execute(items);

      expect(outcome.executed).toEqual(INTENT_KINDS.map(() => true));
      expect(outcome.nonces).toEqual(nonces);
      expect(outcome.failed).toEqual([]);
      expect(eventsOf(outcome.receipt, fixture.units).map(({ name }) => name)).toEqual(["Transferred"]);
      const asked = eventsOf(outcome.receipt, fixture.retirements).map(({ name }) => name);
      expect(asked).toEqual(["RetireCalled", "CancelCalled"]);
      const paid = eventsOf(outcome.receipt, fixture.cash).map(({ name }) => name);
      expect(paid).toEqual(["TransferForCalled", "RedemptionCalled"]);
      const traded = eventsOf(outcome.receipt, fixture.exchange).map(({ name }) => name);
      expect(traded).toEqual(["WithdrawalCalled", "CancelOrderCalled", "CancelOrdersBeforeCalled"]);
    });

    it("should execute 200, and refuse 201", async () => {
      const items: SignedIntentItem[] = [];
      for (let i = 0; i < 200; i++) items.push(await transferItem(fixture));

      const { executed } = await execute(items);
      expect(executed).toEqual(Array.from({ length: 200 }, () => true));

      const tooMany = [...items, await transferItem(fixture)];
      const attempt = fixture.intents.executeBatch(tooMany, GAS_PER_INTENT, { gasLimit: 16_000_000n });
      await expectRevert(attempt, fixture.intents, "IntentsTooMany", [201n, 200n]);
    });

    it("should execute what is signed for a contract wallet", async () => {
      const wallet = await deployWallet(fixture);
      const { executed } = await execute([await transferItem(fixture, { account: await wallet.getAddress() })]);
      expect(executed).toEqual([true]);
    });
  });

  it("should refuse an empty batch", async () => {
    await expectRevert(fixture.intents.executeBatch([], GAS_PER_INTENT), fixture.intents, "IntentsEmpty");
  });

  describe("given a bad item between good ones", () => {
    it("should fail an expired one", async () => {
      const reason = await executeBetweenNeighbours(await transferItem(fixture, { deadline: 1n }));
      expect(reasonName(reason)).toBe("IntentsExpired");
    });

    it("should fail a replayed one", async () => {
      const item = await transferItem(fixture);
      await execute([item]);
      expect(reasonName(await executeBetweenNeighbours(item))).toBe("IntentsNonceUsed");
    });

    it("should execute the first of two equal ones, and fail the second", async () => {
      const item = await transferItem(fixture);
      const { executed } = await execute([item, item]);
      expect(executed).toEqual([true, false]);
    });

    it("should fail a foreign signature", async () => {
      const { signature } = await transferItem(fixture);
      const reason = await executeBetweenNeighbours({ ...(await transferItem(fixture)), signature });
      expect(reasonName(reason)).toBe("IntentsSignatureInvalid");
    });

    it("should fail what Units refuses, say why, and leave the nonce unused", async () => {
      const intent = { ...sampleIntent(fixture, "transfer"), tonnes: REFUSED_TONNES };
      const signature = await signIntent(fixture.holder, "transfer", intent, fixture.domain);
      const reason = await executeBetweenNeighbours(signedIntentItem("transfer", intent, signature));

      expect(fixture.units.interface.parseError(reason)?.args.toArray()).toEqual([REFUSED_TONNES]);
      expect(await fixture.intents.isNonceUsed(intent.account, intent.nonce)).toBe(false);
    });

    it.each(["reverting", "denying", "burningGas", "bombing"] as const)(
      "should fail the intent of a wallet that is %s",
      async (manner) => {
        const wallet = await deployWallet(fixture);
        await wallet.setManners(MANNER[manner], MANNER.proper);
        await executeBetweenNeighbours(await transferItem(fixture, { account: await wallet.getAddress() }));
      },
    );

    it.each(["reverting", "denying", "burningGas", "bombing"] as const)(
      "should fail the transfer to a receiver that is %s",
      async (manner) => {
        const receiver = await deployWallet(fixture);
        await receiver.setManners(MANNER.proper, MANNER[manner]);
        const reason = await executeBetweenNeighbours(await transferItem(fixture, { to: await receiver.getAddress() }));
        expect(dataLength(reason)).toBeLessThanOrEqual(MAX_REASON_BYTES);
      },
    );

    it("should cut the reason of a return bomb at 256 bytes", async () => {
      const receiver = await deployWallet(fixture);
      await receiver.setManners(MANNER.proper, MANNER.bombing);
      const item = await transferItem(fixture, { to: await receiver.getAddress() });

      // With much gas the bomb is large, and its way up through Units and Intents still paid for.
      const { executed, failed, receipt } = await execute([item], 5_000_000n);
      expect(executed).toEqual([false]);
      expect(dataLength(String(failed[0]?.[2]))).toBe(MAX_REASON_BYTES);
      expect(receipt?.gasUsed).toBeLessThan(5_200_000n);
    });

    it("should not let a receiver execute its neighbours' intents twice", async () => {
      const { intents } = fixture;
      const receiver = await deployWallet(fixture);
      const neighbour = await transferItem(fixture);
      const toReceiver = await transferItem(fixture, { to: await receiver.getAddress() });
      await receiver.setManners(MANNER.proper, MANNER.calling);
      const items = [toReceiver, neighbour];
      await receiver.setCall(intents, intents.interface.encodeFunctionData("executeBatch", [items, 100_000n]));

      const { executed, receipt } = await execute(items, 2_000_000n);

      // From within, the neighbour ran and the running intent was refused; after it, the neighbour's nonce is used.
      expect(executed).toEqual([true, false]);
      expect(eventsOf(receipt, fixture.units)).toHaveLength(2);
    });
  });

  describe("given a malformed item between good ones", () => {
    const word = (value: bigint) => AbiCoder.defaultAbiCoder().encode(["uint256"], [value]);

    it.each([
      ["an empty payload", "0x"],
      ["half a word", "0x00"],
      ["an offset and nothing", word(32n)],
      ["zeros", `0x${"00".repeat(256)}`],
      ["ones", `0x${"ff".repeat(256)}`],
      ["an offset out of the calldata", concat([word(1n << 255n), `0x${"00".repeat(256)}`])],
      ["an account that is no address", concat([word(32n), `0x${"ff".repeat(256)}`])],
    ])("should fail %s, of every kind", async (_, payload) => {
      for (const kind of INTENT_KINDS.keys()) {
        await executeBetweenNeighbours({ kind, payload, signature: "0x" });
      }
    });

    it.each(INTENT_KINDS)("should fail a %s whose payload is one byte short or wrongly placed", async (kind) => {
      const intent = sampleIntent(fixture, kind);
      const signature = await signIntent(fixture.holder, kind, intent, fixture.domain);
      const item = signedIntentItem(kind, intent, signature);

      const head = kind === "revocation" || kind === "mass-cancellation" ? 128 : 160;
      await executeBetweenNeighbours({ ...item, payload: item.payload.slice(0, 2 + 2 * head - 2) });
      await executeBetweenNeighbours({ ...item, payload: concat([ZeroHash, item.payload]) });
    });

    it("should say that the payload is invalid", async () => {
      for (const kind of INTENT_KINDS.keys()) {
        const reason = await executeBetweenNeighbours({ kind, payload: "0x12", signature: "0x" });
        expect(fixture.intents.interface.parseError(reason)?.args.toArray()).toEqual([BigInt(kind)]);
      }
    });

    it("should fail blocks that reach out of the calldata", async () => {
      const item = await transferItem(fixture);
      // The payload's sixth word says where the blocks are; the word there, how many.
      const blocksAt = 2 + 64 * 5;
      const offset = item.payload.slice(0, blocksAt) + "f".repeat(64) + item.payload.slice(blocksAt + 64);
      await executeBetweenNeighbours({ ...item, payload: offset });

      const lengthAt = 2 + 64 * 8;
      const length = `${item.payload.slice(0, lengthAt)}${"0".repeat(56)}ffffffff${item.payload.slice(lengthAt + 64)}`;
      await executeBetweenNeighbours({ ...item, payload: length });
    });

    it.each([4, 7, 255])("should fail the unknown kind %i", async (kind) => {
      await executeBetweenNeighbours({ ...(await transferItem(fixture)), kind });
    });

    it("should fail an item under another kind", async () => {
      const item = await transferItem(fixture);
      for (const kind of [1, 2, 3]) await executeBetweenNeighbours({ ...item, kind });
    });
  });

  describe("given too little gas", () => {
    it("should revert as a whole rather than starve an item", async () => {
      const { intents } = fixture;
      const items: Awaited<ReturnType<typeof transferItem>>[] = [];
      for (let count = 0; count < 5; count += 1) items.push(await transferItem(fixture));

      // Enough for what the items use, not for what is promised to the last.
      await expectRevert(
        intents.executeBatch(items, 1_000_000n, { gasLimit: 1_110_000n }),
        intents,
        "IntentsGasTooLow",
      );
      for (const gas of [1n << 255n, (1n << 256n) - 1n]) {
        await expectRevert(intents.executeBatch(items, gas, { gasLimit: 1_100_000n }), intents, "IntentsGasTooLow");
      }
      await execute(items, 1_000_000n);
    });

    it("should, at any gas limit, either revert or give every item its share", async () => {
      const { intents } = fixture;
      // An item that burns all its gas and needs no more than promised, before one that must have its share.
      const glutton = await deployWallet(fixture);
      await glutton.setManners(MANNER.burningGas, MANNER.proper);
      const items = [
        await transferItem(fixture, { account: await glutton.getAddress(), deadline: FAR_DEADLINE }),
        await transferItem(fixture),
      ];
      let executions = 0;
      for (let gasLimit = 150_000n; gasLimit <= 420_000n; gasLimit += 5_000n) {
        try {
          const flags = await intents.executeBatch.staticCall(items, 130_000n, { gasLimit });
          expect([...flags]).toEqual([false, true]);
          executions += 1;
        } catch (error) {
          expect(error).toHaveProperty("data");
        }
      }
      expect(executions).toBeGreaterThan(10);
    });

    it("should fail an item that needs more than its share, and not its neighbour", async () => {
      const { nonces, failed } = await execute([await transferItem(fixture)], 5_000n);
      expect(nonces).toEqual([]);
      expect(failed[0]?.[2]).toBe("0x");
    });
  });
});
