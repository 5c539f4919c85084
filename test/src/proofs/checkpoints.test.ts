import { toUtf8Bytes } from "ethers";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { ROLES } from "../../../src/chain/roles.js";
import { signDigest } from "../../../src/chain/signature.js";
import { checkSignatures, compareCheckpoints } from "../../../src/cli/checkpoint-check.js";
import { forgetChain } from "../../../src/ledger/rebuild.js";
import type { StoredCheckpoint } from "../../../src/proofs/checkpoint-store.js";
import { LEAVES_AT_ONCE } from "../../../src/proofs/log-store.js";
import { hexOf } from "../../../src/verify/bytes.js";
import { leafHash, leafOf, nodeHash } from "../../../src/verify/merkle-log.js";
import { verifyFile } from "../../../src/verify/verify.js";
import { provingStage, type ProvingStage } from "../../support/proving.js";

let stage: ProvingStage;
beforeAll(async () => {
  stage = await provingStage({ blocks: 10, seconds: 1 });
  await stage.ledger.checkpoint();
});
beforeEach(async () => {
  await stage.ledger.reset();
  await forgetChain(stage.db);
  for (const table of ["checkpoint_signatures", "checkpoints", "log_nodes"]) {
    await sql`delete from ${sql.table(table)}`.execute(stage.db);
  }
  await stage.projector.catchUp();
});
afterAll(() => stage.database.close());

async function all(): Promise<StoredCheckpoint[]> {
  return (await stage.checkpoints.list({ limit: 200 })).items.toReversed();
}

/** RFC 6962, from its definition. */
function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 1) return hashes[0]!;
  let split = 1;
  while (2 * split < hashes.length) split *= 2;
  return nodeHash(rootOf(hashes.slice(0, split)), rootOf(hashes.slice(split)));
}

describe("checkpoints", () => {
  it("should come at least at every interval, the last at the head, each naming the one before", async () => {
    await stage.retire();
    await stage.mine(35);
    const newest = await stage.checkpoints.make();
    const made = await all();
    expect(made.at(-1)).toMatchObject({ number: newest, blockNumber: await stage.head() });
    expect(made.length).toBeGreaterThanOrEqual(4);
    const trust = await stage.proofs.trust();
    made.forEach((one, n) => {
      const before = made[n - 1];
      expect(one.checkpoint.previous).toBe(before?.digest ?? `0x${"00".repeat(32)}`);
      if (before !== undefined) expect(one.blockNumber - before.blockNumber).toBeLessThanOrEqual(10n);
      expect(checkSignatures(one, trust)).toEqual([]);
    });
    expect(await stage.checkpoints.make()).toBe(newest);
  });

  it("any two of thirty should have a consistency proof", async () => {
    for (let n = 0; n < 30; n++) {
      await (n % 3 === 0 ? stage.mine(1) : stage.retire());
      await stage.checkpoints.make();
    }
    const made = await all();
    expect(made.length).toBeGreaterThanOrEqual(30);
    for (const older of made) {
      for (const newer of made.filter(({ number }) => number > older.number)) {
        const { path } = await stage.checkpoints.consistency(older.number, newer.number);
        expect(compareCheckpoints(older.checkpoint, newer.checkpoint, path)).toEqual([]);
      }
    }
  });

  it("given two makers at once, one of them should make each", async () => {
    const other = stage.another();
    for (let n = 0; n < 3; n++) await stage.retire();
    await stage.mine(25);
    const makers = [stage.checkpoints, other.checkpoints, stage.checkpoints, other.checkpoints];
    const numbers = await Promise.all(makers.map((maker) => maker.make()));
    expect(new Set(numbers).size).toBe(1);
    const made = await all();
    expect(made.map(({ number }) => number)).toEqual(made.map((_, n) => BigInt(n + 1)));
    expect(verifyFile(toUtf8Bytes(await other.proofs.retirementPack(2n)), await other.proofs.trust()).accepted).toBe(
      true,
    );
  });

  it("given a death between the log and the checkpoint, neither should be there, and the next should make both", async () => {
    await stage.retire();
    await sql`create function dies() returns trigger language plpgsql as 'begin raise exception ''killed''; end'`.execute(
      stage.db,
    );
    await sql`create trigger dies before insert on checkpoints for each row execute function dies()`.execute(stage.db);
    await expect(stage.checkpoints.make()).rejects.toThrow("killed");
    expect(await stage.db.selectFrom("log_nodes").selectAll().execute()).toEqual([]);
    await sql`drop trigger dies on checkpoints`.execute(stage.db);
    await sql`drop function dies()`.execute(stage.db);
    await stage.checkpoints.make();
    expect((await stage.checkpoints.latest()).retirementCount).toBe(1n);
  });

  it("given very many retirements at once, the log should grow in parts, and go on after a death between them", async () => {
    const many = 2n * LEAVES_AT_ONCE + 1_234n;
    await stage.retire();
    await sql`insert into retirements select (jsonb_populate_record(r, jsonb_build_object('id', n, 'log_index', r.log_index + n,
        'record_hash', '0x' || encode(sha256(n::text::bytea), 'hex')))).*
      from retirements r, generate_series(2, ${many}::int8) n where r.id = 1`.execute(stage.db);
    await sql`create function dies() returns trigger language plpgsql as
      'begin if new.level = 0 and new.position >= 7000 then raise exception ''killed''; end if; return new; end'`.execute(
      stage.db,
    );
    await sql`create trigger dies before insert on log_nodes for each row execute function dies()`.execute(stage.db);
    await expect(stage.checkpoints.make()).rejects.toThrow("killed");
    await sql`drop trigger dies on log_nodes`.execute(stage.db);
    await sql`drop function dies()`.execute(stage.db);
    const sizeOf = async () =>
      await stage.db
        .selectFrom("log_nodes")
        .select(({ fn }) => fn.countAll<bigint>().as("size"))
        .where("level", "=", 0)
        .executeTakeFirstOrThrow();
    expect(await sizeOf()).toEqual({ size: LEAVES_AT_ONCE });
    expect((await all()).filter(({ retirementCount }) => retirementCount > 0n)).toEqual([]);

    // Nodes that nobody attested are written anew, whatever they are.
    await sql`update log_nodes set hash = ${`0x${"00".repeat(32)}`}`.execute(stage.db);
    await stage.checkpoints.make();
    expect(await sizeOf()).toEqual({ size: many });
    const latest = await stage.checkpoints.latest();
    expect(latest.retirementCount).toBe(many);
    const leaves = await stage.db
      .selectFrom("retirements")
      .select(["id", "block_number", "tx_hash", "record_hash"])
      .orderBy("id")
      .execute();
    const hashes = leaves.map(({ id, block_number, tx_hash, record_hash }) =>
      leafHash(leafOf({ retirementId: id, blockNumber: block_number, txHash: tx_hash, recordHash: record_hash })),
    );
    expect(latest.checkpoint.logRoot).toBe(hexOf(rootOf(hashes)));
  });

  it("should be made by themselves once they are due", async () => {
    stage.checkpoints.start();
    try {
      await stage.mine(12);
      await vi.waitFor(async () => expect((await stage.checkpoints.latest()).number).toBeGreaterThan(0n), 15_000);
    } finally {
      await stage.checkpoints.stop();
    }
  });

  it("should be found inconsistent only by who asks in the right order", async () => {
    await stage.mine(12);
    await stage.checkpoints.make();
    await expect(stage.checkpoints.consistency(2n, 1n)).rejects.toMatchObject({ code: "validation-failed" });
    await expect(stage.checkpoints.consistency(1n, 99n)).rejects.toMatchObject({ code: "not-found" });
  });

  it("given another chain under the attested block, none should be made", async () => {
    await stage.checkpoints.make();
    const { blockNumber } = await stage.checkpoints.latest();
    await stage.mine(1);
    await sql`update blocks set hash = ${`0x${"12".repeat(32)}`} where number = ${blockNumber}`.execute(stage.db);
    await expect(stage.checkpoints.make()).rejects.toMatchObject({ name: "CheckpointConflictError" });
  });
});

describe("an institution that keeps its own key", () => {
  it("should be waited for, named, and complete the checkpoint with its signature", async () => {
    const alone = await provingStage({ managed: ["registrar1"] });
    try {
      const id = await alone.retire();
      const refusal = alone.proofs.retirementPack(id);
      await expect(refusal).rejects.toMatchObject({ code: "proof-not-yet" });
      await expect(refusal).rejects.toThrow(/compliance-officer/);
      const { items } = await alone.checkpoints.list({ limit: 1 });
      const [{ number, digest }] = items as [StoredCheckpoint];
      const by = (part: "compliance1" | "registrar1") =>
        signDigest(digest, Buffer.from(alone.keys[part].privateKey.slice(2), "hex"));
      await expect(
        alone.checkpoints.addSignature(number, "compliance-officer", by("registrar1")),
      ).rejects.toMatchObject({ code: "checkpoint-signature-invalid" });
      await alone.checkpoints.addSignature(number, "compliance-officer", by("compliance1"));
      await alone.checkpoints.addSignature(number, "compliance-officer", by("compliance1"));
      const verdict = verifyFile(toUtf8Bytes(await alone.proofs.retirementPack(id)), await alone.proofs.trust());
      expect(verdict).toMatchObject({ accepted: true, facts: { retirementId: id.toString() } });
    } finally {
      await alone.database.close();
    }
  });

  it("given an officer who lost the role, the next one should sign in its place", async () => {
    const id = await stage.retire();
    await stage.proofs.retirementPack(id);
    const { access, parts } = stage.ledger;
    await stage.signers.createManagedAccount({}, stage.keys.compliance2.privateKey);
    await access.connect(parts.admin).revokeRole(ROLES.COMPLIANCE_OFFICER, parts.compliance1);
    await stage.projector.catchUp();
    const trust = await stage.proofs.trust();
    expect(trust.checkpointSigners.map(({ address }) => address)).not.toContain(
      parts.compliance1.address.toLowerCase(),
    );
    expect(verifyFile(toUtf8Bytes(await stage.proofs.retirementPack(id)), trust).accepted).toBe(true);
  });
});
