import { beforeAll, describe, expect, it } from "vitest";

import type { ProofPack } from "../../../src/verify/types.js";
import { verifyFile } from "../../../src/verify/verify.js";
import { deployTestLedger } from "../../support/ledger.js";
import { bytesOfPack, createPackMaker, lowerAddressOf, type PackMaker, proofLedger } from "../../support/packs.js";
import { type QbftOptions, sealedHeader, validatorKeys } from "../../support/qbft.js";

let maker: PackMaker;
let pack: ProofPack;

beforeAll(async () => {
  const ledger = await deployTestLedger();
  maker = createPackMaker(ledger);
  await proofLedger(ledger);
  pack = await maker.retirement(1n, BigInt(await ledger.ethers.provider.getBlockNumber()));
});

function judge(count: number, options: QbftOptions = {}) {
  const keys = validatorKeys(count);
  const { header, blockHash } = sealedHeader(pack.header, keys, options);
  const trust = { ...maker.trust, validators: keys.map(lowerAddressOf) };
  const { accepted, reasons, facts } = verifyFile(
    bytesOfPack({ ...pack, header, seal: { kind: "validators" } }),
    trust,
  );
  return { accepted, code: reasons[0]?.code, hash: facts?.blockHash, blockHash };
}

describe("The seals of validators", () => {
  it.each([1, 4, 7])("should vouch for a block when all %i are there, in any round", (count) => {
    for (const round of [0n, 1n, 300n]) {
      const verdict = judge(count, { round });
      expect(verdict).toMatchObject({ accepted: true });
      expect(verdict.hash).toBe(verdict.blockHash);
    }
  });

  it.each([
    [4, 3],
    [7, 5],
  ])("should be two thirds at least: of %i, %i", (count, needed) => {
    const sealers = validatorKeys(count);
    expect(judge(count, { sealers: sealers.slice(0, needed) })).toMatchObject({ accepted: true });
    expect(judge(count, { sealers: sealers.slice(-needed) })).toMatchObject({ accepted: true });
    expect(judge(count, { sealers: sealers.slice(0, needed - 1) })).toMatchObject({ accepted: false, code: "quorum" });
    expect(judge(count, { sealers: [] })).toMatchObject({ accepted: false, code: "quorum" });
  });

  it("should be of validators that the trust file names, each once, for this round", () => {
    const [a, b, c, d, foreign] = validatorKeys(5) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    expect(judge(4, { sealers: [a, b, c, foreign] })).toMatchObject({ accepted: false, code: "signature" });
    expect(judge(4, { sealers: [a, b, c, c] })).toMatchObject({ accepted: false, code: "quorum" });
    expect(judge(4, { sealers: [a, b, c, d, d] })).toMatchObject({ accepted: false, code: "quorum" });
    expect(judge(4, { round: 2n, signedRound: 1n })).toMatchObject({ accepted: false, code: "signature" });
  });
});
