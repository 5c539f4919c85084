import { toUtf8Bytes } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { RpcError } from "../../../src/chain/rpc-errors.js";
import type { ProofPack } from "../../../src/verify/types.js";
import { verifyFile } from "../../../src/verify/verify.js";
import { PROVING_BATCH, provingStage, type ProvingStage } from "../../support/proving.js";

let stage: ProvingStage;
beforeAll(async () => {
  stage = await provingStage({ blocks: 100 });
});
afterAll(() => stage.database.close());

async function judge(pack: string) {
  return verifyFile(toUtf8Bytes(pack), await stage.proofs.trust());
}

describe("the proof pack of a retirement", () => {
  it("should be accepted offline, with what the record says", async () => {
    const id = await stage.retire({ details: "chuyến bay", tonnes: 25n });
    const verdict = await judge(await stage.proofs.retirementPack(id));
    expect(verdict).toMatchObject({
      accepted: true,
      reasons: [],
      facts: {
        kind: "retirement",
        retirementId: id.toString(),
        account: stage.holder.address.toLowerCase(),
        batch: PROVING_BATCH,
        tonnes: "25",
        beneficiary: "Cảng Đà Nẵng",
        details: "chuyến bay",
        recordHash: await stage.ledger.retirements.retirementHash(id),
      },
    });
  });

  it("should stay provable as the chain and the log grow", async () => {
    const first = await stage.retire();
    for (let n = 0; n < 6; n++) await stage.retire({ tonnes: BigInt(n + 1) });
    await stage.mine(250);
    const last = await stage.retire();
    for (const id of [1n, first, last])
      expect((await judge(await stage.proofs.retirementPack(id))).accepted).toBe(true);
  });

  it("should carry a text that is not UTF-8 as the contract has it", async () => {
    const { retirements } = stage.ledger;
    const order = [stage.batchId, 1n, [], "X", "", `0x${"00".repeat(32)}`, 0, "", "Q", "0x0000", 0, 0] as const;
    const data = retirements.interface.encodeFunctionData("retire", [stage.holder.address, [...order] as never]);
    // The only "Q" word becomes a byte that no UTF-8 text has.
    const broken = data.replace(`51${"00".repeat(31)}`, `ff${"00".repeat(31)}`);
    expect(broken).not.toBe(data);
    await stage.holder.sendTransaction({ to: retirements.target, data: broken });
    await stage.projector.catchUp();
    const verdict = await judge(await stage.proofs.retirementPack(await retirements.retirementCount()));
    expect(verdict).toMatchObject({ accepted: true, facts: { details: "\ufffd" } });
  });

  it("should not be there for a retirement that is not", async () => {
    await expect(stage.proofs.retirementPack(10_000n)).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("the proof pack of a holding", () => {
  it("should say what was held as of old blocks, over many headers up to a checkpoint", async () => {
    const { units, firms } = stage.ledger;
    const other = firms[1]!;
    await stage.ledger.admit(null, other);
    const before = await stage.head();
    await units.connect(stage.holder).transfer(stage.holder, other, stage.batchId, 500, []);
    await stage.projector.catchUp();
    const after = await stage.head();
    await stage.mine(99);
    const nothing = await judge(await stage.proofs.holdingPack(other.address, PROVING_BATCH, before));
    const pack = await stage.proofs.holdingPack(other.address, PROVING_BATCH, after);
    expect((JSON.parse(pack) as ProofPack).seal).toMatchObject({ kind: "checkpoint", inclusion: null });
    expect(nothing).toMatchObject({ accepted: true, facts: { tonnes: "0", blocks: [], blockNumber: `${before}` } });
    expect(await judge(pack)).toMatchObject({ accepted: true, facts: { tonnes: "500", blockNumber: `${after}` } });
  });

  it("should prove every block of many, and what is frozen", async () => {
    const { units, firms } = stage.ledger;
    const other = firms[2]!;
    await stage.ledger.admit(null, other);
    const blocks = Array.from({ length: 12 }, (_, n) => ({
      start: 100_001n + BigInt(n) * 10n,
      end: 100_003n + BigInt(n) * 10n,
    }));
    await units.connect(stage.holder).transfer(stage.holder, other, stage.batchId, 36, blocks);
    await units.setFrozenTokens(other, stage.batchId, 7n);
    await stage.projector.catchUp();
    const block = await stage.head();
    expect(await judge(await stage.proofs.holdingPack(other.address, PROVING_BATCH, block))).toMatchObject({
      accepted: true,
      facts: {
        tonnes: "36",
        frozenTonnes: "7",
        blocks: blocks.map(({ start, end }) => ({ start: `${start}`, end: `${end}` })),
      },
    });
  });

  it("should be as of the newest checkpoint when no block is named", async () => {
    const latest = await stage.checkpoints.latest();
    const verdict = await judge(await stage.proofs.holdingPack(stage.holder.address, PROVING_BATCH, undefined));
    expect(verdict).toMatchObject({ accepted: true, facts: { blockNumber: latest.blockNumber.toString() } });
  });

  it("should refuse blocks before the ledger and after the head", async () => {
    const ask = (block: bigint) => stage.proofs.holdingPack(stage.holder.address, PROVING_BATCH, block);
    await expect(ask(0n)).rejects.toMatchObject({ code: "as-of-too-early" });
    await expect(ask((await stage.head()) + 1n)).rejects.toMatchObject({ code: "as-of-future" });
  });
});

describe("a node that proves nothing", () => {
  const nodeThat = async (answer: (method: string, params: readonly unknown[]) => unknown, code: string) => {
    const { ask } = stage.node;
    stage.node.ask = async (method, params) => (await answer(method, params)) ?? ask(method, params);
    try {
      await expect(stage.proofs.retirementPack(1n)).rejects.toMatchObject({ code });
    } finally {
      stage.node.ask = ask;
    }
  };
  const refusing = (code: number, message: string) => (method: string) => {
    if (method === "eth_getProof") throw new RpcError(method, code, message, null);
    return undefined;
  };

  it.each([
    [-32_601, "the method eth_getProof does not exist/is not available"],
    [-32_601, "Method not found"],
    [-32_000, "eth_getProof is not supported"],
  ])("given no such method (%i %s), it should say that it is unsupported", async (code, message) => {
    await nodeThat(refusing(code, message), "proof-unsupported");
  });

  it.each([
    [-32_000, "missing trie node 1234 (path ) state 0x is not available"],
    [-32_000, "required historical state unavailable"],
    [-32_000, "World state unavailable"],
    [-32_000, "distance to target block exceeds maximum proof window"],
  ])("given a state that is gone (%i %s), it should say so", async (code, message) => {
    await nodeThat(refusing(code, message), "proof-state-pruned");
  });

  it("given garbage, it should not be believed", async () => {
    await nodeThat((method) => (method === "eth_getProof" ? { accountProof: "0x" } : undefined), "proof-unsupported");
  });

  it("given a proof of another account, no pack should leave the service", async () => {
    const { ask } = stage.node;
    await nodeThat(
      (method, params) =>
        method === "eth_getProof" ? ask(method, [stage.holder.address, ...params.slice(1)]) : undefined,
      "proof-unsupported",
    );
  });

  it("given a header of another form, it should say so", async () => {
    const { ask } = stage.node;
    await nodeThat(async (method, params) => {
      if (method !== "eth_getBlockByNumber") return undefined;
      return { ...((await ask(method, params)) as object), extraData: "0x1234" };
    }, "proof-header-unsupported");
  });

  it("given no log of the retirement, it should say so", async () => {
    await nodeThat((method) => (method === "eth_getLogs" ? [] : undefined), "proof-unsupported");
  });
});
