import canonicalize from "canonicalize";
import { toUtf8Bytes } from "ethers";
import { sql } from "kysely";
import PDFDocument from "pdfkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { checkSignatures, compareCheckpoints, type SeenCheckpoint } from "../../src/cli/checkpoint-check.js";
import { addressOfKey, signDigest } from "../../src/chain/signature.js";
import { forgetChain } from "../../src/ledger/rebuild.js";
import type { StoredCheckpoint } from "../../src/proofs/checkpoint-store.js";
import { nodeReader } from "../../src/proofs/log-store.js";
import { checkpointDigest } from "../../src/verify/attestation.js";
import { consistencyPath } from "../../src/verify/merkle-log.js";
import { PACK_FILE_NAME, PACK_MEDIA_TYPE, sealPdf } from "../../src/verify/pdf.js";
import type { ProofPack, TrustFile } from "../../src/verify/types.js";
import { verifyFile } from "../../src/verify/verify.js";
import { provingStage, type ProvingStage } from "../support/proving.js";

/**
 * An operator who owns the service: its database, both signing keys, and every file that it hands out. What he cannot change is what
 * others kept: the chain, an earlier checkpoint, and the trust file.
 */
let stage: ProvingStage;
let trust: TrustFile;
let kept: SeenCheckpoint;

beforeAll(async () => {
  stage = await provingStage();
  for (const tonnes of [10n, 20n, 30n, 40n, 50n]) await stage.retire({ tonnes });
  await stage.ledger.checkpoint();
});
beforeEach(async () => {
  await stage.ledger.reset();
  await forgetChain(stage.db);
  await forgetCheckpoints();
  await stage.projector.catchUp();
  await stage.checkpoints.make();
  trust = await stage.proofs.trust();
  kept = shown(await stage.checkpoints.latest());
});
afterAll(() => stage.database.close());

function shown({ checkpoint, signatures }: StoredCheckpoint): SeenCheckpoint {
  return { checkpoint, signatures: signatures.map(({ role, signature }) => ({ role, signature })) };
}

function judge(pack: string) {
  const { accepted, reasons } = verifyFile(toUtf8Bytes(pack), trust);
  return { accepted, codes: reasons.map(({ code }) => code) };
}

/** Starts the log and its checkpoints anew from what the database says now, signs them with both keys, and goes on. */
async function rewriteHistory(): Promise<SeenCheckpoint> {
  await forgetCheckpoints();
  await stage.checkpoints.make();
  return shown(await stage.checkpoints.latest());
}

async function forgetCheckpoints(): Promise<void> {
  for (const table of ["checkpoint_signatures", "checkpoints", "log_nodes"]) {
    await sql`delete from ${sql.table(table)}`.execute(stage.db);
  }
}

/**
 * What the auditor does who kept a checkpoint: asks for the proof that the newer log continues the one of the kept. The operator answers
 * with the best that his log can give.
 */
async function audit(newer: SeenCheckpoint): Promise<string[]> {
  expect(checkSignatures(newer, trust)).toEqual([]);
  const [before, after] = [BigInt(kept.checkpoint.retirementCount), BigInt(newer.checkpoint.retirementCount)];
  const path = before > after ? [] : await consistencyPath(nodeReader(stage.db), before, after);
  const nodes = path.map((node) => `0x${Buffer.from(node).toString("hex")}`);
  return compareCheckpoints(kept.checkpoint, newer.checkpoint, nodes).map(({ code }) => code);
}

describe("an honest operator", () => {
  it("should be found honest", async () => {
    await stage.retire();
    await stage.checkpoints.make();
    expect(await audit(shown(await stage.checkpoints.latest()))).toEqual([]);
    expect(judge(await stage.proofs.retirementPack(3n))).toEqual({ accepted: true, codes: [] });
  });
});

describe("an operator who rewrites a record", () => {
  it("should get no pack for it out of his own service", async () => {
    await sql`update retirements set record_hash = ${`0x${"66".repeat(32)}`}, beneficiary = 'Somebody else' where id = 2`.execute(
      stage.db,
    );
    await expect(stage.proofs.retirementPack(2n)).rejects.toMatchObject({ code: "proof-unsupported" });
  });

  it("should be refused for a pack made by hand: the chain has another hash", async () => {
    const pack = JSON.parse(await stage.proofs.retirementPack(2n)) as { subject: { record: string } };
    const name = Buffer.from("Cảng Đà Nẵng").toString("hex");
    expect(pack.subject.record).toContain(name);
    const forged = (await stage.proofs.retirementPack(2n)).replace(name, Buffer.from("Cảng Hà Nẵng").toString("hex"));
    expect(judge(forged)).toEqual({ accepted: false, codes: ["record-mismatch"] });
  });

  it("should be found by a kept checkpoint, when he writes the log anew", async () => {
    await sql`update retirements set record_hash = ${`0x${"66".repeat(32)}`} where id = 2`.execute(stage.db);
    await stage.mine(3);
    const newer = await rewriteHistory();
    await stage.retire();
    await stage.checkpoints.make();
    expect(compareCheckpoints(kept.checkpoint, newer.checkpoint, []).map(({ code }) => code)).toEqual(["split-view"]);
    expect(await audit(shown(await stage.checkpoints.latest()))).toEqual(["consistency"]);
  });
});

describe("an operator who drops a retirement", () => {
  it("should get no further checkpoint out of his own service", async () => {
    await sql`delete from retirements where id = 5`.execute(stage.db);
    await stage.mine(1);
    await expect(stage.checkpoints.make()).rejects.toMatchObject({ name: "CheckpointConflictError" });
  });

  it("should be found by a kept checkpoint: the log has become shorter", async () => {
    await sql`delete from retirements where id = 5`.execute(stage.db);
    await stage.mine(2);
    await rewriteHistory();
    await stage.mine(2);
    await stage.checkpoints.make();
    expect(await audit(shown(await stage.checkpoints.latest()))).toEqual(["backwards"]);
  });

  it("should be found, too, when he closes the gap by another", async () => {
    await sql`delete from retirements where id = 3`.execute(stage.db);
    await sql`update retirements set id = id - 1 where id > 3`.execute(stage.db);
    await rewriteHistory();
    await sql`update retirements set id = 5 where id = 6`.execute(stage.db);
    await stage.retire();
    await sql`update retirements set id = 5 where id = 6`.execute(stage.db);
    await stage.checkpoints.make();
    expect(await audit(shown(await stage.checkpoints.latest()))).toEqual(["consistency"]);
  });
});

describe("an operator who dates a retirement back", () => {
  it("should be refused for a pack that names an earlier block", async () => {
    const pack = await stage.proofs.retirementPack(5n);
    const { seal } = JSON.parse(pack) as ProofPack;
    if (seal.kind !== "checkpoint" || seal.inclusion === null) throw new Error("no inclusion");
    const { blockNumber } = seal.inclusion;
    const forged = pack.replace(
      `"inclusion":{"blockNumber":"${blockNumber}"`,
      `"inclusion":{"blockNumber":"${BigInt(blockNumber) - 1n}"`,
    );
    expect(forged).not.toBe(pack);
    expect(judge(forged)).toEqual({ accepted: false, codes: ["log-inclusion"] });
  });

  it("should be found by a kept checkpoint, when he writes the log anew", async () => {
    await sql`update retirements set block_number = block_number - 1, log_index = 9999 where id = 1`.execute(stage.db);
    await rewriteHistory();
    await stage.retire();
    await stage.checkpoints.make();
    expect(await audit(shown(await stage.checkpoints.latest()))).toEqual(["consistency"]);
  });
});

describe("an operator who slips one in", () => {
  it("should be stopped by his own service, while the log stays: what is new cannot be old", async () => {
    await stage.retire();
    await sql`update retirements set block_number = 3, log_index = 9999 where id = 6`.execute(stage.db);
    await stage.retire();
    await expect(stage.checkpoints.make()).rejects.toMatchObject({ name: "CheckpointConflictError" });
  });

  it("should be found by a kept checkpoint, when he writes the log anew", async () => {
    await stage.retire();
    // The newest takes the place of the second, and all others move up.
    await sql`update retirements set id = id + 100`.execute(stage.db);
    await sql`update retirements set id = case id when 101 then 1 when 106 then 2 else id - 99 end,
      block_number = case id when 106 then block_number - 4 else block_number end, log_index = log_index + id`.execute(
      stage.db,
    );
    await rewriteHistory();
    await stage.mine(2);
    await stage.checkpoints.make();
    expect(await audit(shown(await stage.checkpoints.latest()))).toEqual(["consistency"]);
  });
});

describe("an operator who shows two people two logs", () => {
  it("should be found as soon as they compare: same number, same size, another root, both signed", async () => {
    await sql`update retirements set record_hash = ${`0x${"77".repeat(32)}`} where id = 4`.execute(stage.db);
    const other = await rewriteHistory();
    expect(other.checkpoint.retirementCount).toBe(kept.checkpoint.retirementCount);
    expect([checkSignatures(kept, trust), checkSignatures(other, trust)]).toEqual([[], []]);
    expect(compareCheckpoints(kept.checkpoint, other.checkpoint, [])).toMatchObject([{ code: "split-view" }]);
  });

  it("should be found under different numbers, too", async () => {
    await sql`update retirements set record_hash = ${`0x${"77".repeat(32)}`} where id = 4`.execute(stage.db);
    await rewriteHistory();
    await stage.mine(1);
    await stage.checkpoints.make();
    const other = shown(await stage.checkpoints.latest());
    expect(other.checkpoint.number).not.toBe(kept.checkpoint.number);
    expect(other.checkpoint.retirementCount).toBe(kept.checkpoint.retirementCount);
    expect(compareCheckpoints(kept.checkpoint, other.checkpoint, []).map(({ code }) => code)).toEqual(["consistency"]);
  });
});

describe("an operator who lacks the second institution", () => {
  const forge = async (change: (pack: { seal: { signatures: { role: string; signature: string }[] } }) => void) => {
    const pack = JSON.parse(await stage.proofs.retirementPack(1n)) as never;
    change(pack);
    return judge(canonicalize(pack) ?? "");
  };

  it("should be refused with one signature", async () => {
    expect(await forge(({ seal }) => seal.signatures.pop())).toEqual({ accepted: false, codes: ["quorum"] });
  });

  it("should be refused with one key in both roles", async () => {
    const digest = checkpointDigest(kept.checkpoint, { chainId: trust.chainId, contract: trust.contracts.retirements });
    const key = Buffer.from(stage.keys.registrar1.privateKey.slice(2), "hex");
    const twice = ["compliance-officer", "registrar"].map((role) => ({ role, signature: signDigest(digest, key) }));
    const { accepted } = await forge((pack) => (pack.seal.signatures = twice));
    expect(accepted).toBe(false);
    const registrar = stage.keys.registrar1.address.toLowerCase();
    const generous = {
      ...trust,
      checkpointSigners: [...trust.checkpointSigners, { role: "compliance-officer", address: registrar }],
    };
    const seen = { checkpoint: kept.checkpoint, signatures: twice };
    expect(checkSignatures(seen, generous).map(({ code }) => code)).toEqual(["quorum"]);
    expect(checkSignatures(seen, trust).map(({ code }) => code)).toEqual(["signature", "quorum"]);
  });

  it("should be refused with a key that holds no role", async () => {
    const digest = checkpointDigest(kept.checkpoint, { chainId: trust.chainId, contract: trust.contracts.retirements });
    const foreign = signDigest(digest, Buffer.from("42".repeat(32), "hex"));
    const verdict = await forge(({ seal }) => (seal.signatures[0]!.signature = foreign));
    expect(verdict).toEqual({ accepted: false, codes: ["signature"] });
    await expect(stage.checkpoints.addSignature(1n, "registrar", foreign)).rejects.toMatchObject({
      code: "checkpoint-signature-invalid",
    });
  });
});

describe("an operator who hands out another ledger's pack", () => {
  it("should be refused: another chain, another contract", async () => {
    const pack = await stage.proofs.retirementPack(1n);
    const chain = pack.replace(`"chainId":"${trust.chainId}"`, '"chainId":"1"');
    const contract = pack.replace(`"contract":"${trust.contracts.retirements}"`, `"contract":"0x${"11".repeat(20)}"`);
    expect(judge(chain)).toEqual({ accepted: false, codes: ["wrong-chain"] });
    expect(judge(contract)).toEqual({ accepted: false, codes: ["wrong-contract"] });
  });
});

describe("an operator who paints over the page", () => {
  it("should be refused, though the pack inside is intact", async () => {
    const pack = await stage.proofs.retirementPack(1n);
    const key = Buffer.from("5e".repeat(32), "hex");
    const believed = { ...trust, service: [addressOfKey(key).toLowerCase()] };
    const domain = { chainId: trust.chainId, contract: trust.contracts.retirements };
    const pdf = await sealPdf(
      await pageWith("(10 tonnes)", pack),
      "1",
      async (digest) => signDigest(digest, key),
      domain,
    );
    expect(verifyFile(pdf, believed)).toMatchObject({ accepted: true, kind: "certificate" });
    const painted = Buffer.from(pdf);
    const at = painted.indexOf("10 tonnes");
    expect(at).toBeGreaterThan(0);
    painted.write("99", at);
    const { accepted, reasons } = verifyFile(painted, believed);
    expect([accepted, reasons.map(({ code }) => code)]).toEqual([false, ["pdf-altered"]]);
  });
});

/** A PDF of one page with a text, as PDF writes it, and a pack attached. */
async function pageWith(text: string, pack: string): Promise<Uint8Array> {
  const document = new PDFDocument({ compress: false });
  document.addContent(`BT /F1 12 Tf 72 720 Td ${text} Tj ET`);
  document.file(Buffer.from(pack), { name: PACK_FILE_NAME, type: PACK_MEDIA_TYPE });
  const pieces: Buffer[] = [];
  document.on("data", (piece: Buffer) => pieces.push(piece));
  const ended = new Promise((resolve) => document.on("end", resolve));
  document.end();
  await ended;
  return Buffer.concat(pieces);
}
