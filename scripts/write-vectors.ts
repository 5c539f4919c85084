/** Writes `test/vectors/packs.json`: packs of a small ledger of its own, what a verifier must say to each, and the trust file. */
import { writeFile } from "node:fs/promises";
import canonicalize from "canonicalize";
import { format } from "prettier";

import { manifestDigest } from "../src/verify/attestation.js";
import { beneficiaryCommitment } from "../src/verify/person.js";
import { signWith } from "../src/verify/signature.js";
import { EXPORT_FORMAT, type ProofPack } from "../src/verify/types.js";
import { verifyFile } from "../src/verify/verify.js";
import { deployTestLedger } from "../test/support/ledger.js";
import { bytesOfPack, createPackMaker, lowerAddressOf, proofLedger, TEST_KEYS } from "../test/support/packs.js";
import { sealedHeader, validatorKeys } from "../test/support/qbft.js";

const PATH = "test/vectors/packs.json";
const PERSON = { name: "Nguyễn Thị Ánh", identifier: null, salt: `0x${"5a".repeat(32)}` };

const ledger = await deployTestLedger();
const maker = createPackMaker(ledger);
const { holder, other, retire } = await proofLedger(ledger);
await retire({ beneficiary: "", beneficiaryId: "", beneficiaryCommitment: beneficiaryCommitment(PERSON) });
const head = BigInt(await ledger.ethers.provider.getBlockNumber());
const validators = validatorKeys(4);
const trust = { ...maker.trust, validators: validators.map(lowerAddressOf) };

const sealedByValidators = (pack: ProofPack): ProofPack => ({
  ...pack,
  header: sealedHeader(pack.header, validators, { round: 1n, sealers: validators.slice(1) }).header,
  seal: { kind: "validators" },
});
const retirement = await maker.retirement(2n, head);
const manifest = {
  format: EXPORT_FORMAT as typeof EXPORT_FORMAT,
  id: "4c1d8a70-2f5e-4a0e-9d2c-1f0a5b7c3e11",
  subject: "retirements",
  fileFormat: "csv" as const,
  query: '{"batch":"VN-1-2024"}',
  blockNumber: String(head),
  blockHash: `0x${"ab".repeat(32)}`,
  rows: "6",
  bytes: "1234",
  sha256: `0x${"cd".repeat(32)}`,
  finishedAt: "1767225600",
};
const signature = signWith(manifestDigest(manifest, maker.domain), TEST_KEYS.service);
const foreignChain = { ...retirement, chainId: "1" };
const files: Record<string, unknown> = {
  "retirement, checkpoint of its own block": retirement,
  "retirement, proven two blocks before the checkpoint": await maker.retirement(1n, head - 2n, head),
  "retirement for a natural person": await maker.retirement(6n, head),
  "retirement, seals of validators": sealedByValidators(retirement),
  "holding of many blocks, partly frozen": await maker.holding(holder.address, "VN-2-2024", head),
  "holding at an earlier block": await maker.holding(holder.address, "VN-1-2024", head - 3n, head),
  "holding of nothing": await maker.holding(other.address, "VN-1-2024", head),
  "manifest of an export": { ...manifest, signer: lowerAddressOf(TEST_KEYS.service), signature },
  "refused: another chain": foreignChain,
  "refused: one role only": oneRole(retirement),
  "refused: the checkpoint has another log": await maker.retirement(2n, head, head, {
    logRoot: `0x${"00".repeat(32)}`,
  }),
  "refused: two seals of four validators": {
    ...sealedByValidators(retirement),
    header: sealedHeader(retirement.header, validators, { sealers: validators.slice(2) }).header,
  },
};

function oneRole(pack: ProofPack): unknown {
  if (pack.seal.kind !== "checkpoint") throw new Error("No checkpoint");
  return { ...pack, seal: { ...pack.seal, signatures: pack.seal.signatures.slice(0, 1) } };
}

const cases = Object.entries(files).map(([name, file]) => {
  const { accepted, kind, reasons, facts } = verifyFile(bytesOfPack(file), trust);
  if (accepted === name.startsWith("refused")) throw new Error(`${name}: ${JSON.stringify(reasons)}`);
  return { name, accepted, kind, reason: reasons[0]?.code ?? null, facts, file: canonicalize(file) };
});
const vectors = JSON.stringify({ trust, person: PERSON, cases });
await writeFile(PATH, await format(vectors, { parser: "json", printWidth: 120 }));
process.stdout.write(`${cases.length} vectors in ${PATH}\n`);
