import { Transaction } from "ethers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { OutboxProjector } from "../../../../src/chain/outbox/ports.js";
import { createOutboxStage, type OutboxStage } from "../../../support/outbox-stage.js";

const COUNT = 12;
/** Long enough for a machine that is busy with other things. */
const PATIENCE = { timeout: 20_000 };

/** A read model that meets no transaction of ours. */
const BLIND = { poke: () => undefined, onAdvance: () => () => undefined } satisfies Partial<OutboxProjector>;

describe("The outbox after a crash", () => {
  let stage: OutboxStage;
  beforeEach(async () => {
    stage = await createOutboxStage();
  });
  afterEach(() => stage.close());

  async function acceptSome(): Promise<string[]> {
    const made = await Promise.all(Array.from({ length: COUNT }, () => stage.transfer()));
    return Promise.all(made.map(({ operation }) => stage.operations.accept(operation)));
  }

  async function expectEachOnce(ids: readonly string[]): Promise<void> {
    const ends = await Promise.all(ids.map((id) => stage.operations.wait(id, 20)));
    expect(ends.map((end) => end?.status)).toEqual(ids.map(() => "final"));
    for (const id of ids) expect(await stage.executions(id)).toBe(1);
    expect(await stage.received()).toBe(BigInt(ids.length));
  }

  const readModel = (): OutboxProjector => ({
    waitForBlock: (number, timeoutMs) => stage.projector.waitForBlock(number, timeoutMs),
    poke: () => stage.projector.poke(),
    onAdvance: (listener) => stage.projector.onAdvance(listener),
  });

  const openCount = async (): Promise<number> =>
    (await stage.db.selectFrom("transactions").select("hash").where("status", "=", "signed").execute()).length;

  for (const dies of ["before-broadcast", "after-broadcast", "at-receipt"] as const) {
    it(`given that it died ${dies}, it should lose nothing and do nothing twice`, async () => {
      // Receipts are asked for only when the read model does not meet the transaction.
      const projector = { ...readModel(), ...(dies === "at-receipt" ? BLIND : {}) };
      const { connection, outbox } = stage.startOutbox({ projector });
      connection.faults.dies = dies;
      const ids = await acceptSome();
      await expect.poll(openCount, PATIENCE).toBeGreaterThan(0);
      await expect.poll(() => connection.broadcasts.length, PATIENCE).toBe(dies === "before-broadcast" ? 0 : 1);
      void outbox.stop();

      stage.startOutbox();

      await expectEachOnce(ids);
    });
  }

  it("given that it died before it signed, it should send all of them once", async () => {
    const ids = await acceptSome();
    stage.startOutbox();
    await expectEachOnce(ids);
  });

  it("given that it died before the fate was written, it should read it from the receipt", async () => {
    let waits = 0;
    const { outbox } = stage.startOutbox({
      projector: {
        waitForBlock: () => {
          waits += 1;
          return new Promise(() => undefined);
        },
        ...BLIND,
      },
    });
    const ids = await acceptSome();
    await expect.poll(() => waits, PATIENCE).toBeGreaterThan(0);
    void outbox.stop();

    const { connection } = stage.startOutbox();

    await expectEachOnce(ids);
    expect(connection.broadcasts).toEqual([]);
  });

  describe("given a chain that is away", () => {
    it("should keep what was accepted, and send it when the chain is back", async () => {
      const { connection } = stage.startOutbox();
      await stage.settle((await stage.transfer()).operation);
      connection.faults.isDown = true;
      const ids = await acceptSome();
      await expect.poll(() => stage.logger.count("warn"), PATIENCE).toBeGreaterThan(0);
      expect(["accepted", "sent"]).toContain((await stage.operations.get(ids[0]!))?.status);

      connection.faults.isDown = false;

      const ends = await Promise.all(ids.map((id) => stage.operations.wait(id, 20)));
      expect(ends.every((end) => end?.status === "final")).toBe(true);
    });
  });

  it("given a broadcast that got lost, it should broadcast again until it is in a block", async () => {
    const { connection } = stage.startOutbox();
    connection.faults.lostBroadcasts = 2;
    const ids = await acceptSome();
    await expectEachOnce(ids);
  });

  it("given a nonce that another transaction took, it should put the intents back and send them anew", async () => {
    const { connection } = stage.startOutbox({ settings: { resendAfterMs: 60_000 } });
    connection.faults.lostBroadcasts = 1;
    const ids = await acceptSome();
    await expect.poll(openCount, PATIENCE).toBeGreaterThan(0);

    const { operator } = stage.keys;
    await (await operator.sendTransaction({ to: operator.address, value: 0n })).wait();

    await expectEachOnce(ids);
    const lost = await stage.db.selectFrom("transactions").selectAll().where("status", "=", "superseded").execute();
    expect(lost).toHaveLength(1);
  });

  it("given a network with fees, it should pay more for the same nonce when it is stuck, and settle on whichever is mined", async () => {
    await stage.request("evm_setAutomine", [false]);
    const { connection } = stage.startOutbox({ settings: { resendAfterMs: 30 } });
    const ids = await acceptSome();
    await expect.poll(() => connection.broadcasts.length, PATIENCE).toBeGreaterThan(1);
    const versions = connection.broadcasts.map((raw) => Transaction.from(raw));
    expect(new Set(versions.map(({ nonce }) => nonce)).size).toBe(1);
    expect(versions[1]!.maxFeePerGas! > versions[0]!.maxFeePerGas!).toBe(true);

    await stage.request("evm_mine", []);
    await stage.request("evm_setAutomine", [true]);

    await expectEachOnce(ids);
    const rows = await stage.db.selectFrom("transactions").select("status").execute();
    expect(rows.filter(({ status }) => status === "final")).toHaveLength(1);
    expect(rows.filter(({ status }) => status === "signed")).toEqual([]);
  });

  it("given a chain that lost its last blocks, it should give the transactions back to it", async () => {
    const snapshot = await stage.request("evm_snapshot", []);
    const { outbox } = stage.startOutbox();
    const ids = await acceptSome();
    await expectEachOnce(ids);
    await outbox.stop();
    await stage.request("evm_revert", [snapshot]);
    expect(await stage.received()).toBe(0n);

    stage.startOutbox();

    await expect.poll(() => stage.received(), PATIENCE).toBe(BigInt(COUNT));
    for (const id of ids) expect(await stage.executions(id)).toBe(1);
  });
});
