import { Wallet } from "ethers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createOutboxStage, type OutboxStage } from "../../../support/outbox-stage.js";

describe("The lane of intents", () => {
  let stage: OutboxStage;
  beforeEach(async () => {
    stage = await createOutboxStage();
  });
  afterEach(() => stage.close());

  it("should bring each of 200 intents to exactly one end, bad ones among them", async () => {
    stage.startOutbox();
    const { holders } = stage;
    const intents = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const want =
          i % 20 === 3
            ? { bad: "intents-expired", made: await stage.transfer({ deadline: 1n }) }
            : i % 20 === 7
              ? { bad: "units-insufficient-balance", made: await stage.transfer({ tonnes: 1n << 60n }) }
              : i % 20 === 11
                ? { bad: "intents-signature-invalid", made: await stage.transfer({}, holders[1]) }
                : i % 20 === 15
                  ? { bad: "erc7943-cannot-receive", made: await stage.transfer({ to: Wallet.createRandom().address }) }
                  : { bad: null, made: await stage.transfer() };
        return want;
      }),
    );

    const ended = await Promise.all(intents.map(({ made }) => stage.settle(made.operation)));

    expect(ended.map((operation) => operation.problem?.code ?? null)).toEqual(intents.map(({ bad }) => bad));
    const good = ended.filter((operation) => operation.status === "final");
    expect(good).toHaveLength(160);
    expect(await stage.received()).toBe(160n);
    for (const operation of good) expect(await stage.executions(operation.id)).toBe(1);
    expect(new Set(good.map((operation) => operation.txHash)).size).toBeLessThan(20);
    const [first] = good;
    const row = await stage.db
      .selectFrom("transfers")
      .selectAll()
      .where("id", "=", String(first!.result!["transferId"]))
      .executeTakeFirst();
    expect(row?.intent_hash).toBe(first!.id);
    expect(first!.links.result).toBe(`/v1/transfers/${String(first!.result!["transferId"])}`);
  });

  describe("given intents that depend on each other", () => {
    it("should execute a transfer out of what an earlier one of the same batch brought", async () => {
      const [from, to] = stage.holders;
      const back = await stage.transfer({ account: to.address, to: from.address, tonnes: 5n }, to);
      const there = await stage.transfer({ tonnes: 5n });
      await stage.operations.accept(there.operation);
      await stage.operations.accept(back.operation);

      stage.startOutbox();

      const ends = await Promise.all([there, back].map(({ hash }) => stage.operations.wait(hash, 20)));
      expect(ends.map((end) => end?.status)).toEqual(["final", "final"]);
      expect(ends[0]?.txHash).toBe(ends[1]?.txHash);
    });

    it("should reject the second of two that want the same tonnes, with the reason", async () => {
      const [from, to] = stage.holders;
      const all = await stage.transfer({ tonnes: await stage.ledger.units.balanceOf(from.address, stage.batchId) });
      const more = await stage.transfer({ tonnes: 1n });
      await stage.operations.accept(all.operation);
      await stage.operations.accept(more.operation);

      stage.startOutbox();

      const end = await stage.operations.wait(more.hash, 20);
      expect(end?.problem).toMatchObject({
        code: "units-insufficient-balance",
        evidence: { account: from.address, tonnes: "1" },
      });
      expect((await stage.operations.wait(all.hash, 20))?.status).toBe("final");
      expect(await stage.ledger.units.balanceOf(to.address, stage.batchId)).toBe(1_000_000n);
    });
  });

  describe("given that an intent failed", () => {
    it("should take a failure from the chain while it trusts, then ask before it sends, until nothing is wrong", async () => {
      const { connection } = stage.startOutbox();
      let simulations = 0;
      const { call } = connection;
      connection.call = (ask, block) => {
        simulations += 1;
        return call(ask, block);
      };
      const bad = async () => stage.settle((await stage.transfer({ tonnes: 1n << 60n })).operation);
      const good = async () => stage.settle((await stage.transfer()).operation);

      await good();
      expect(simulations).toBe(1);
      await good();
      expect(simulations).toBe(1);

      const onChain = await bad();
      expect(onChain).toMatchObject({ status: "rejected", problem: { code: "units-insufficient-balance" } });
      expect(onChain.txHash).not.toBeNull();
      expect(simulations).toBe(1);

      const beforehand = await bad();
      expect(beforehand).toMatchObject({ status: "rejected", problem: { code: "units-insufficient-balance" } });
      expect(beforehand.txHash).toBeNull();

      await good();
      const asked = simulations;
      expect((await good()).status).toBe("final");
      expect(simulations).toBe(asked);
    });
  });

  it("should say what came of a retirement", async () => {
    stage.startOutbox();
    const order = {
      batchId: stage.batchId,
      tonnes: 3n,
      blocks: [],
      beneficiary: "Da Nang Green Port",
      beneficiaryId: "",
      beneficiaryCommitment: `0x${"00".repeat(32)}`,
      purpose: 0,
      reason: "2026",
      details: "",
      consumptionCountry: "0x0000",
      consumptionPeriodStart: 0,
      consumptionPeriodEnd: 0,
    };
    const [holder] = stage.holders;
    const made = await stage.intent(
      "retirement",
      { account: holder.address, order, nonce: 7n, deadline: 1n << 40n },
      holder,
    );

    const end = await stage.settle(made.operation);

    expect(end.result).toMatchObject({ retirementId: "1", intentHash: made.hash, certificate: { tokenId: "1" } });
    expect(end.result!["recordHash"]).toBe(await stage.ledger.retirements.retirementHash(1n));
  });

  it("should treat the same intent, sent twice, as one operation", async () => {
    stage.startOutbox();
    const { operation } = await stage.transfer();

    const ends = await Promise.all([stage.settle(operation), stage.settle(operation), stage.settle(operation)]);

    expect(new Set(ends.map((end) => end.id)).size).toBe(1);
    expect(await stage.received()).toBe(1n);
  });

  describe("given an intent that somebody else relayed", () => {
    it("should end it as final, with the transaction that executed it", async () => {
      const { operation, item, hash } = await stage.transfer();
      const sent = await stage.ledger.intents.executeBatch([item], 1_000_000n);
      stage.startOutbox();

      const end = await stage.settle(operation);

      expect(end).toMatchObject({ status: "final", txHash: sent.hash, result: { intentHash: hash } });
      expect(await stage.executions(hash)).toBe(1);
    });

    it("should reject one whose nonce another intent used", async () => {
      const first = await stage.transfer({ nonce: 1n });
      const second = await stage.transfer({ nonce: 1n, tonnes: 2n });
      stage.startOutbox();

      expect((await stage.settle(first.operation)).status).toBe("final");
      expect((await stage.settle(second.operation)).problem?.code).toBe("intents-nonce-used");
    });
  });
});
