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

/** A block as a node of a QBFT chain would tell it, of one that another engine made. */
function sealed(block: unknown): object {
  const { header, blockHash } = sealedHeader(parseHeader(block).rlp, KEYS, { round: 1n });
  const extraData = hexOf(readRlpList(bytesOf(header))[12]?.content ?? new Uint8Array());
  return { ...(block as object), extraData, hash: blockHash };
}

describe("on a chain whose validators seal blocks", () => {
  let stage: ProvingStage;
  beforeAll(async () => {
    stage = await provingStage();
    const { ask } = stage.node;
    stage.node.ask = async (method, params) => {
      const answer = await ask(method, params);
      return method === "eth_getBlockByNumber" && answer !== null ? sealed(answer) : answer;
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
});

describe("the validators that a header names", () => {
  it("should be none where the extra data is another engine's", () => {
    for (const extraData of ["0x", "0x1234", "0xc0", `0x${"ff".repeat(97)}`])
      expect(validatorsOf(extraData)).toEqual([]);
  });
});
