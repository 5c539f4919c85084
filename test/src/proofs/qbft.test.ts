import { toUtf8Bytes } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parseHeader } from "../../../src/chain/header.js";
import { readRlpList } from "../../../src/chain/rlp.js";
import { validatorsOf } from "../../../src/proofs/qbft.js";
import type { ProofPack } from "../../../src/verify/types.js";
import { bytesOf, hexOf } from "../../../src/verify/bytes.js";
import { verifyFile } from "../../../src/verify/verify.js";
import { lowerAddressOf } from "../../support/packs.js";
import { PROVING_BATCH, provingStage, type ProvingStage } from "../../support/proving.js";
import { sealedHeader, validatorKeys } from "../../support/qbft.js";

const KEYS = validatorKeys(4);
/** One left, another came. */
const LATER_KEYS = validatorKeys(5).slice(1);

/** A block as a node of a QBFT chain would tell it, of one that another engine made. */
function sealed(block: unknown, keys: readonly Uint8Array[] = KEYS): object {
  const { header, blockHash } = sealedHeader(parseHeader(block).rlp, keys, { round: 1n });
  const extraData = hexOf(readRlpList(bytesOf(header))[12]?.content ?? new Uint8Array());
  return { ...(block as object), extraData, hash: blockHash };
}

describe("on a chain whose validators seal blocks", () => {
  let stage: ProvingStage;
  let changedAt = 1n << 62n;
  let laterKeys = LATER_KEYS;
  beforeAll(async () => {
    stage = await provingStage();
    const { ask } = stage.node;
    stage.node.ask = async (method, params) => {
      const answer = await ask(method, params);
      if (method !== "eth_getBlockByNumber" || answer === null) return answer;
      return sealed(answer, BigInt((answer as { number: string }).number) < changedAt ? KEYS : laterKeys);
    };
  });
  afterAll(() => stage.database.close());

  it("should name them in the trust file", async () => {
    expect((await stage.proofs.trust()).validators).toEqual(KEYS.map(lowerAddressOf));
  });

  it("should let their seals vouch, without any checkpoint", async () => {
    const id = await stage.retire();
    const trust = { ...(await stage.proofs.trust()), checkpointSigners: [] };
    const block = await stage.head();
    for (const pack of [
      await stage.proofs.retirementPack(id),
      await stage.proofs.holdingPack(stage.holder.address, PROVING_BATCH, block - 1n),
    ]) {
      expect((JSON.parse(pack) as ProofPack).seal).toEqual({ kind: "validators" });
      expect(verifyFile(toUtf8Bytes(pack), trust)).toMatchObject({ accepted: true });
    }
    await expect(stage.checkpoints.latest()).rejects.toMatchObject({ code: "proof-not-yet" });
  });

  it("should prove each block by the validators of its time, when they change", async () => {
    const id = await stage.retire();
    const before = await stage.head();
    changedAt = before + 1n;
    await stage.mine(2);
    const [old, now] = [await stage.proofs.trust(before), await stage.proofs.trust()];
    expect(now.validators).toEqual(LATER_KEYS.map(lowerAddressOf));
    expect(old.validators).toEqual(KEYS.map(lowerAddressOf));

    const held = toUtf8Bytes(await stage.proofs.holdingPack(stage.holder.address, PROVING_BATCH, before));
    expect(verifyFile(held, old)).toMatchObject({ accepted: true });
    expect(verifyFile(held, now)).toMatchObject({ accepted: false, reasons: [{ code: "signature" }] });
    const retired = toUtf8Bytes(await stage.proofs.retirementPack(id));
    expect(verifyFile(retired, now)).toMatchObject({ accepted: true });
    expect(verifyFile(retired, old)).toMatchObject({ accepted: false, reasons: [{ code: "signature" }] });
    await expect(stage.proofs.trust(1n << 40n)).rejects.toMatchObject({ code: "as-of-future" });
  });

  it("should say so where a contract keeps the validators, and headers name none", async () => {
    const id = await stage.ledger.retirements.retirementCount();
    laterKeys = [];
    await expect(stage.proofs.retirementPack(id)).rejects.toMatchObject({
      code: "proof-header-unsupported",
      detail: expect.stringContaining("names no validators"),
    });
    laterKeys = LATER_KEYS;
  });
});

describe("the validators that a header names", () => {
  it("should be none where the extra data is another engine's", () => {
    for (const extraData of ["0x", "0x1234", "0xc0", `0x${"ff".repeat(97)}`])
      expect(validatorsOf(extraData)).toEqual([]);
  });
});
