import { beforeAll, describe, expect, it } from "vitest";

import { hexOf } from "../../../src/verify/bytes.js";
import { beneficiaryCommitment } from "../../../src/verify/person.js";
import { holdingSlot } from "../../../src/verify/storage-slots.js";
import type { ProofPack, TrustFile } from "../../../src/verify/types.js";
import { verifyFile, type VerifyOptions } from "../../../src/verify/verify.js";
import { deployTestLedger, type TestLedger } from "../../support/ledger.js";
import { bytesOfPack, createPackMaker, type PackMaker, proofLedger } from "../../support/packs.js";

const PERSON = { name: "Nguyễn Thị Ánh", identifier: null, salt: `0x${"5a".repeat(32)}` };

let ledger: TestLedger;
let maker: PackMaker;
let stage: Awaited<ReturnType<typeof proofLedger>>;
let head: bigint;
let retirement: ProofPack;
let holding: ProofPack;

beforeAll(async () => {
  ledger = await deployTestLedger();
  maker = createPackMaker(ledger);
  stage = await proofLedger(ledger);
  await stage.retire({ beneficiary: "", beneficiaryId: "", beneficiaryCommitment: beneficiaryCommitment(PERSON) });
  head = BigInt(await ledger.ethers.provider.getBlockNumber());
  retirement = await maker.retirement(2n, head);
  holding = await maker.holding(stage.holder.address, "VN-2-2024", head);
});

const verdictOf = (pack: unknown, options: VerifyOptions = {}, trust: TrustFile = maker.trust) =>
  verifyFile(bytesOfPack(pack), trust, options);
const refusal = (pack: unknown, trust?: TrustFile) => verdictOf(pack, {}, trust).reasons[0]?.code;
/** A checkpoint's seal with some members changed, signed again where the checkpoint changed. */
const resealed = (pack: ProofPack, changes: object) => ({ ...pack, seal: { ...pack.seal, ...changes } });
const sealOf = (pack: ProofPack) => {
  if (pack.seal.kind !== "checkpoint") throw new Error("No checkpoint");
  return pack.seal;
};

describe("verifyFile, of a retirement", () => {
  it("should accept it, and tell its facts", () => {
    expect(verdictOf(retirement)).toMatchObject({
      accepted: true,
      kind: "retirement",
      reasons: [],
      facts: {
        retirementId: "2",
        account: stage.holder.address.toLowerCase(),
        batch: "VN-1-2024",
        tonnes: "2",
        blocks: [{ start: "2", end: "3" }],
        beneficiary: "Cảng Đà Nẵng",
        beneficiaryCommitment: null,
        purpose: "voluntary",
        consumptionCountry: "VN",
        consumptionPeriodStart: "2025-01-01",
        consumptionPeriodEnd: "2025-12-31",
        blockNumber: String(head),
        personConfirmed: null,
      },
    });
  });

  it("should accept it from any block since, up to the checkpoint", async () => {
    for (const back of [1n, 3n, 4n]) {
      expect(verdictOf(await maker.retirement(2n, head - back, head))).toMatchObject({ accepted: true, reasons: [] });
    }
  });

  it("should confirm a person by name and salt, and nobody else", async () => {
    const pack = await maker.retirement(6n, head);
    expect(verdictOf(pack).facts).toMatchObject({ beneficiary: "", personConfirmed: null });
    expect(verdictOf(pack, { person: PERSON })).toMatchObject({ accepted: true, facts: { personConfirmed: true } });
    for (const person of [
      { ...PERSON, name: "Nguyễn Thị Anh" },
      { ...PERSON, identifier: "1" },
      { ...PERSON, salt: `0x${"5b".repeat(32)}` },
      { ...PERSON, salt: "0x5a" },
    ]) {
      expect(verdictOf(pack, { person }).reasons).toMatchObject([{ code: "person-mismatch" }]);
    }
    expect(verdictOf(retirement, { person: PERSON }).reasons).toMatchObject([{ code: "person-mismatch" }]);
  });

  it("should refuse another chain, another contract and an absent retirement", async () => {
    expect(refusal({ ...retirement, chainId: "1" })).toBe("wrong-chain");
    expect(refusal({ ...retirement, contract: holding.contract })).toBe("wrong-contract");
    const before = await maker.retirement(5n, head - 3n, head);
    expect(refusal(before)).toBe("record-mismatch");
  });

  it("should refuse proofs of another thing", () => {
    expect(refusal({ ...retirement, accountProof: holding.accountProof })).toBe("account-proof");
    expect(refusal({ ...retirement, accountProof: [] })).toBe("account-proof");
    expect(refusal({ ...retirement, storageProofs: [] })).toBe("storage-proof");
    expect(refusal({ ...retirement, storageProofs: [[]] })).toBe("storage-proof");
    const [first] = retirement.storageProofs;
    expect(refusal({ ...retirement, storageProofs: [first, first] })).toBe("storage-proof");
    expect(refusal({ ...retirement, storageProofs: [[...first!, first![0]!]] })).toBe("storage-proof");
    expect(refusal({ ...retirement, header: "0xc0" })).toBe("header-mismatch");
  });
});

describe("verifyFile, of a checkpoint", () => {
  it("should refuse one role, one key in two roles, and keys that the trust file has for other roles", () => {
    const { signatures } = sealOf(retirement);
    const [officer, registrar] = signatures;
    const reorder = (list: unknown[]) => refusal(resealed(retirement, { signatures: list }));
    expect(reorder([officer])).toBe("quorum");
    expect(reorder([])).toBe("quorum");
    expect(reorder([registrar, officer])).toBe("quorum");
    expect(reorder([officer, officer])).toBe("quorum");
    expect(reorder([officer, { role: "registrar", signature: officer!.signature }])).toBe("signature");
    const both = maker.trust.checkpointSigners.map(({ role }) => ({
      role,
      address: maker.trust.checkpointSigners[0]!.address,
    }));
    const oneKey = [officer, { role: "registrar", signature: officer!.signature }];
    expect(refusal(resealed(retirement, { signatures: oneKey }), { ...maker.trust, checkpointSigners: both })).toBe(
      "quorum",
    );
    expect(refusal(retirement, { ...maker.trust, checkpointSigners: [] })).toBe("signature");
  });

  it("should refuse a checkpoint that was changed, or that two roles signed about another block", async () => {
    const { checkpoint } = sealOf(retirement);
    expect(refusal(resealed(retirement, { checkpoint: { ...checkpoint, retirementCount: "7" } }))).toBe("signature");
    const wrong = { blockHash: `0x${"11".repeat(32)}` };
    expect(refusal(await maker.retirement(2n, head, head, wrong))).toBe("header-mismatch");
    expect(refusal(await maker.retirement(2n, head, head, { blockTimestamp: "1" }))).toBe("header-mismatch");
    expect(refusal(await maker.retirement(2n, head - 1n, head, wrong))).toBe("lineage");
  });

  it("should refuse headers that do not follow each other", async () => {
    const pack = await maker.retirement(2n, head - 3n, head);
    const { descendants } = sealOf(pack);
    expect(refusal(resealed(pack, { descendants: descendants.slice(1) }))).toBe("lineage");
    expect(refusal(resealed(pack, { descendants: descendants.slice(0, -1) }))).toBe("lineage");
    expect(refusal(resealed(pack, { descendants: [...descendants].reverse() }))).toBe("lineage");
    expect(refusal(resealed(pack, { descendants: ["0x00", ...descendants] }))).toBe("lineage");
  });

  it("should refuse a retirement that is not in the log, or in another place of it", async () => {
    expect(refusal(resealed(retirement, { inclusion: null }))).toBe("log-inclusion");
    const { inclusion } = sealOf(retirement);
    const other = sealOf(await maker.retirement(3n, head)).inclusion;
    expect(refusal(resealed(retirement, { inclusion: other }))).toBe("log-inclusion");
    expect(refusal(resealed(retirement, { inclusion: { ...inclusion!, path: inclusion!.path.slice(1) } }))).toBe(
      "log-inclusion",
    );
    const later = { ...inclusion!, blockNumber: String(head + 1n) };
    expect(refusal(resealed(retirement, { inclusion: later }))).toBe("log-inclusion");
    expect(refusal(await maker.retirement(2n, head, head, { retirementCount: "1" }))).toBe("log-inclusion");
    expect(refusal(resealed(holding, { inclusion }))).toBe("log-inclusion");
  });

  it("should refuse seals of validators where the header has none", () => {
    const trust = { ...maker.trust, validators: [`0x${"11".repeat(20)}`] };
    const pack = { ...retirement, seal: { kind: "validators" } };
    expect(refusal(pack)).toBe("seal-missing");
    expect(refusal(pack, trust)).toBe("seal-missing");
  });
});

describe("verifyFile, of a holding", () => {
  it("should read blocks over many words, and what is frozen, as the contract does", async () => {
    const expected = await ledger.units.blocksOf(stage.holder, stage.cut, 0, 1000);
    const verdict = verdictOf(holding);
    expect(verdict).toMatchObject({ accepted: true, kind: "holding", reasons: [] });
    expect(verdict.facts).toMatchObject({
      tonnes: "940",
      frozenTonnes: "17",
      blocks: expected.map(({ start, end }) => ({ start: String(start), end: String(end) })),
    });
    expect(holding.storageProofs.length).toBeGreaterThan(4);
  });

  it("should prove what an account held at any earlier block", async () => {
    for (const back of [2n, 7n, 12n]) {
      const at = head - back;
      const expected = await ledger.units.balanceOf(stage.holder, stage.cut, { blockTag: at });
      const pack = await maker.holding(stage.holder.address, "VN-2-2024", at, head);
      expect(verdictOf(pack).facts).toMatchObject({ tonnes: String(expected), blockNumber: String(at) });
    }
  });

  it("should prove that nothing is held", async () => {
    const pack = await maker.holding(stage.other.address, "VN-1-2024", head);
    expect(verdictOf(pack)).toMatchObject({ accepted: true, facts: { tonnes: "0", frozenTonnes: "0", blocks: [] } });
    const nobody = await maker.holding(`0x${"77".repeat(20)}`, "NO-SUCH-BATCH", head);
    expect(verdictOf(nobody)).toMatchObject({ accepted: true, facts: { tonnes: "0", blocks: [] } });
  });

  it("should refuse to lose or swap a word", () => {
    const proofs = holding.storageProofs;
    expect(refusal({ ...holding, storageProofs: proofs.slice(0, -1) })).toBe("storage-proof");
    expect(refusal({ ...holding, storageProofs: [...proofs, proofs[0]] })).toBe("storage-proof");
    const swapped = [...proofs.slice(0, 2), proofs[3], proofs[2], ...proofs.slice(4)];
    expect(refusal({ ...holding, storageProofs: swapped })).toBe("storage-proof");
    const account = stage.other.address.toLowerCase();
    expect(refusal({ ...holding, subject: { ...holding.subject, account } })).toBe("storage-proof");
    const slot = hexOf(holdingSlot(account, stage.cut));
    expect(refusal({ ...holding, subject: { ...holding.subject, account, slot } })).toBe("storage-proof");
  });
});
