import type { ParamType } from "ethers";
import { AbiCoder, keccak256, ZeroHash, type Interface } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";

import type { RetirementOrder } from "../../../src/chain/intents.js";
import { eventsOf, expectRevert } from "../../support/revert.js";
import {
  deployRetirements,
  PARTICIPANT_ID,
  REFUSED_TONNES,
  RETIREMENT_BATCH_ID,
  sampleRetirement,
  type RetirementsFixture,
} from "../../support/retirements.js";

const CORSIA = 2;
const COMMITMENT = `0x${"ab".repeat(32)}`;

let fixture: RetirementsFixture;
beforeAll(async () => {
  fixture = await deployRetirements();
});

async function retire(order: RetirementOrder) {
  const { retirements, holder } = fixture;
  const retirementId = await retirements.retire.staticCall(holder, order);
  const transaction = await retirements.retire(holder, order);
  const receipt = await transaction.wait();
  const block = await fixture.ethers.provider.getBlock(receipt?.blockNumber ?? 0);
  return { retirementId, receipt, timestamp: BigInt(block?.timestamp ?? 0) };
}

const expectRefused = (changes: Partial<RetirementOrder>, name: string, evidence: readonly unknown[]) =>
  expectRevert(
    fixture.retirements.retire(fixture.holder, sampleRetirement(changes)),
    fixture.retirements,
    name,
    evidence,
  );

function orderParameter(contract: { interface: Interface }): ParamType {
  const order = contract.interface.getFunction("retire")?.inputs[1];
  if (order === undefined) throw new Error("retire has no order");
  return order;
}

describe("Retirements.retire", () => {
  describe("given a good order", () => {
    it("should burn, and record the serials that went", async () => {
      const { units, retirements, holder } = fixture;
      const taken = [
        { start: 100n, end: 102n },
        { start: 7n, end: 8n },
      ];
      await units.setTaken(taken);
      const order = sampleRetirement();
      const { retirementId, receipt, timestamp } = await retire(order);
      await units.setTaken([]);

      const [burned] = eventsOf(receipt, units);
      expect(burned?.args).toEqual([retirements.target, holder.address, RETIREMENT_BATCH_ID, 5n, [], false]);

      const record = { ...order, blocks: taken };
      const [retired] = eventsOf(receipt, retirements);
      expect(retired?.name).toBe("Retired");
      const participantId = BigInt(PARTICIPANT_ID);
      expect(retired?.args.slice(0, 5)).toEqual([
        retirementId,
        holder.address,
        RETIREMENT_BATCH_ID,
        participantId,
        timestamp,
      ]);
      expect(retired?.named.order.toObject(true)).toMatchObject({
        beneficiary: order.beneficiary,
        blocks: taken,
        consumptionCountry: "0x564e",
        consumptionPeriodEnd: 20_453n,
      });

      const types = ["uint256", "address", "uint32", "uint64", orderParameter(retirements)];
      const values = [retirementId, holder.address, participantId, timestamp, record];
      expect(await retirements.retirementHash(retirementId)).toBe(
        keccak256(AbiCoder.defaultAbiCoder().encode(types, values)),
      );
    });

    it("should burn exactly the blocks named", async () => {
      const blocks = [{ start: 3n, end: 7n }];
      const { receipt } = await retire(sampleRetirement({ blocks }));

      expect(eventsOf(receipt, fixture.units)[0]?.args[4]).toEqual([[3n, 7n]]);
    });

    it("should give the account a certificate that is locked", async () => {
      const { retirements, holder } = fixture;
      const before = await retirements.balanceOf(holder);
      const { retirementId, receipt } = await retire(sampleRetirement());

      expect(await retirements.ownerOf(retirementId)).toBe(holder.address);
      expect(await retirements.balanceOf(holder)).toBe(before + 1n);
      const events = eventsOf(receipt, retirements);
      expect(events.map(({ name }) => name)).toEqual(["Retired", "Transfer", "Locked"]);
      expect(events[2]?.args).toEqual([retirementId]);
    });

    it("should number from one, without a gap", async () => {
      const fresh = await deployRetirements();
      for (const expected of [1n, 2n, 3n]) {
        expect(await fresh.retirements.retire.staticCall(fresh.holder, sampleRetirement())).toBe(expected);
        await fresh.retirements.retire(fresh.holder, sampleRetirement());
        await expectRevert(
          fresh.retirements.retire(fresh.holder, sampleRetirement({ tonnes: REFUSED_TONNES })),
          fresh.units,
          "UnitsMockRefused",
        );
        expect(await fresh.retirements.retirementCount()).toBe(expected);
      }
      expect(await fresh.retirements.cancellationCount()).toBe(0n);
    });

    it("should take the least that an order can say", async () => {
      await retire(
        sampleRetirement({
          beneficiary: "",
          beneficiaryId: "",
          beneficiaryCommitment: COMMITMENT,
          reason: "",
          details: "",
          consumptionCountry: "0x0000",
          consumptionPeriodStart: 0,
          consumptionPeriodEnd: 0,
        }),
      );
    });
  });

  describe("given a caller", () => {
    it("should obey the intents contract", async () => {
      const { retirements, intents, holder } = fixture;
      await retirements.connect(intents).retire(holder, sampleRetirement());

      const retirementId = await retirements.retirementCount();
      expect(await retirements.ownerOf(retirementId)).toBe(holder.address);
    });

    it("should refuse anybody else", async () => {
      const { retirements, stranger, holder } = fixture;
      const attempt = retirements.connect(stranger).retire(holder, sampleRetirement());
      const evidence = [stranger.address, holder.address];
      await expectRevert(attempt, retirements, "RetirementsCallerNotAllowed", evidence);
    });

    it("should refuse an account that is not active, whoever calls", async () => {
      const { retirements, participants, intents, stranger } = fixture;
      await participants.set(stranger, 8, false);
      for (const caller of [stranger, intents]) {
        const attempt = retirements.connect(caller).retire(stranger, sampleRetirement());
        await expectRevert(attempt, retirements, "RetirementsAccountNotActive", [stranger.address]);
      }
    });

    it("should retire for a wallet contract without calling it back", async () => {
      const { ethers, retirements, participants, holder } = fixture;
      const wallet = await ethers.deployContract("WalletMock", [holder.address]);
      await participants.set(wallet, 9, true);
      const call = retirements.interface.encodeFunctionData("retire", [await wallet.getAddress(), sampleRetirement()]);

      await wallet.act(retirements, call);
      expect(await retirements.ownerOf(await retirements.retirementCount())).toBe(wallet.target);
    });
  });

  describe("given a beneficiary", () => {
    it.each([
      ["neither name nor commitment", { beneficiary: "" }],
      ["both", { beneficiaryCommitment: COMMITMENT }],
      ["a person with a number", { beneficiary: "", beneficiaryId: "8001234567", beneficiaryCommitment: COMMITMENT }],
    ])("should refuse %s", async (_, changes) => {
      await expectRefused(changes, "RetirementsBeneficiaryInvalid", []);
    });

    it("should take a name without a number", async () => {
      await retire(sampleRetirement({ beneficiaryId: "" }));
    });
  });

  describe("given texts", () => {
    it.each([
      ["beneficiary", 200],
      ["beneficiaryId", 40],
      ["reason", 200],
      ["details", 1000],
    ] as const)("should take a %s of %i bytes, and not one more", async (member, limit) => {
      await retire(sampleRetirement({ [member]: "x".repeat(limit) }));

      const evidence = [BigInt(limit + 1), BigInt(limit)];
      await expectRefused({ [member]: "x".repeat(limit + 1) }, "RetirementsTextTooLong", evidence);
    });

    it("should count bytes, not letters", async () => {
      await expectRefused({ reason: "ắ".repeat(67) }, "RetirementsTextTooLong", [201n, 200n]);
    });
  });

  describe("given a country", () => {
    it.each(["0x4141", "0x5a5a", "0x564e"])("should take %s", async (consumptionCountry) => {
      await retire(sampleRetirement({ consumptionCountry }));
    });

    it.each(["0x0056", "0x5600", "0x766e", "0x566e", "0x764e", "0x4041", "0x5b41", "0x4140", "0x415b", "0x3132"])(
      "should refuse %s",
      async (consumptionCountry) => {
        await expectRefused({ consumptionCountry }, "RetirementsCountryInvalid", [consumptionCountry]);
      },
    );
  });

  describe("given a consumption period", () => {
    it("should take a single day", async () => {
      await retire(sampleRetirement({ consumptionPeriodStart: 20_089, consumptionPeriodEnd: 20_089 }));
    });

    it.each([
      [20_089, 0],
      [0, 20_089],
      [20_090, 20_089],
    ])("should refuse %i to %i", async (start, end) => {
      const changes = { consumptionPeriodStart: start, consumptionPeriodEnd: end };
      await expectRefused(changes, "RetirementsPeriodInvalid", [BigInt(start), BigInt(end)]);
    });
  });

  describe("given a purpose", () => {
    it("should refuse CORSIA for a batch that is not eligible, and take it for one that is", async () => {
      const { registry } = fixture;
      await registry.set(RETIREMENT_BATCH_ID, false);
      await expectRefused({ purpose: CORSIA }, "RetirementsNotCorsiaEligible", [RETIREMENT_BATCH_ID]);

      await registry.set(RETIREMENT_BATCH_ID, true);
      await retire(sampleRetirement({ purpose: CORSIA }));
    });

    it.each([0, 1, 3])("should take purpose %i for any batch", async (purpose) => {
      await fixture.registry.set(RETIREMENT_BATCH_ID, false);
      await retire(sampleRetirement({ purpose }));
    });

    it("should refuse an unknown purpose", async () => {
      const { retirements, holder } = fixture;
      await expect(retirements.retire(holder, sampleRetirement({ purpose: 4 }))).rejects.toThrow();
    });
  });

  it("should revert as Units does", async () => {
    const { retirements, holder, units } = fixture;
    const attempt = retirements.retire(holder, sampleRetirement({ tonnes: REFUSED_TONNES }));
    await expectRevert(attempt, units, "UnitsMockRefused", [REFUSED_TONNES]);
  });

  it("should leave no zero hash behind", async () => {
    const { retirementId } = await retire(sampleRetirement());
    expect(await fixture.retirements.retirementHash(retirementId)).not.toBe(ZeroHash);
  });
});
