import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toUtf8Bytes } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { runCli } from "../../../src/cli/run.js";
import { signDigest } from "../../../src/chain/signature.js";
import { parseTrust, verifyFile } from "../../../src/verify/verify.js";
import {
  freshTerms,
  signedBody,
  startTestService,
  type SelfCustodyFirm,
  type TestService,
} from "../../support/service.js";

const BATCH = "VN-2024-PROOF";
let stage: TestService;
let holder: SelfCustodyFirm;
let stranger: SelfCustodyFirm;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "proofs-"));
  stage = await startTestService();
  await stage.synced();
  await stage.officerKey("registrar", "registrar1");
  holder = await stage.firm();
  stranger = await stage.firm();
  await stage.ledger.issueBatch({ code: BATCH, recipient: holder.account, tonnes: 1_000 });
  await stage.synced();
});
afterAll(async () => {
  await stage.close();
  await rm(folder, { recursive: true });
});

async function retire(): Promise<string> {
  const order = {
    ...freshTerms(holder.account),
    batch: BATCH,
    tonnes: "12",
    blocks: [],
    beneficiary: "Công ty Thép Đà Nẵng",
    beneficiaryId: "0401234567",
    beneficiaryCommitment: null,
    purpose: "voluntary" as const,
    reason: "Net zero 2024",
    details: "",
    consumptionCountry: "VN",
    consumptionPeriodStart: "2024-01-01",
    consumptionPeriodEnd: "2024-12-31",
  };
  const { body } = await signedBody("retirement", order, holder.wallet, stage.domain);
  const answer = await stage.post("/v1/retirements", body, { prefer: "wait=20" });
  return answer.body.result.retirementId as string;
}

async function carbon(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCli(["--url", stage.url, ...args], {
    env: {},
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
  });
  return { code, out: out.join(""), err: err.join("") };
}

const inFolder = (name: string) => join(folder, name);

describe("proofs over HTTP", () => {
  let id: string;

  it("should wait for the second institution, take its signature, and give the pack to anybody", async () => {
    id = await retire();
    const refused = await stage.get(`/v1/retirements/${id}/proof`);
    expect([refused.status, refused.body.code]).toEqual([409, "proof-not-yet"]);
    expect(refused.body.detail).toContain("compliance-officer");
    expect((await stage.get("/v1/checkpoints/latest")).body.code).toBe("proof-not-yet");

    const [newest] = (await stage.get("/v1/checkpoints?limit=1")).body.items;
    expect(newest).toMatchObject({ complete: false, missing: ["compliance-officer"] });
    const path = `${newest.links.self}/signatures`;
    const signed = (part: "compliance1" | "registrar1") => ({
      role: "compliance-officer",
      signature: signDigest(newest.digest, Buffer.from(stage.keys[part].privateKey.slice(2), "hex")),
    });
    expect((await stage.post(path, signed("registrar1"))).body.code).toBe("checkpoint-signature-invalid");
    expect((await stage.post(path, { role: "admin", signature: "0x" })).status).toBe(400);
    expect((await stage.post(path, signed("compliance1"))).status).toBe(204);

    const pack = await stage.get(`/v1/retirements/${id}/proof`);
    expect([pack.status, pack.headers.get("content-type")]).toEqual([200, "application/json"]);
    const trust = parseTrust(toUtf8Bytes((await stage.get("/v1/trust")).text));
    expect(verifyFile(toUtf8Bytes(pack.text), trust)).toMatchObject({ accepted: true, facts: { retirementId: id } });
    expect((await stage.get("/v1/retirements/999/proof")).body.code).toBe("not-found");
  });

  it("should give the pack of a holding to its owner and to auditors only", async () => {
    await stage.officerKey("compliance-officer", "compliance1");
    const path = `/v1/holdings/${holder.account}/${BATCH}/proof`;
    expect((await stage.get(path)).status).toBe(401);
    expect((await stage.get(path, stranger.key)).status).toBe(404);
    const auditor = await stage.keyOf({ scope: "auditor", label: "auditor" });
    const head = await stage.ledger.ethers.provider.getBlockNumber();
    const [own, seen] = await Promise.all([holder.key, auditor].map((key) => stage.get(`${path}?block=${head}`, key)));
    expect([own?.status, seen?.text]).toEqual([200, own?.text]);
    const trust = parseTrust(toUtf8Bytes((await stage.get("/v1/trust")).text));
    expect(verifyFile(toUtf8Bytes(own?.text ?? ""), trust)).toMatchObject({
      accepted: true,
      facts: { tonnes: "988", blockNumber: `${head}` },
    });
    expect((await stage.get(`${path}?block=${head + 1_000}`, holder.key)).body.code).toBe("as-of-future");
    expect((await stage.get(`${path}?block=0`, holder.key)).body.code).toBe("as-of-too-early");
  });

  it("should show checkpoints, and that one continues another", async () => {
    await retire();
    await stage.get(`/v1/retirements/2/proof`);
    const latest = (await stage.get("/v1/checkpoints/latest")).body;
    const { number } = latest.checkpoint;
    const consistency = await stage.get(`/v1/checkpoints/${number}/consistency?from=1`);
    expect(consistency.body).toMatchObject({ newer: { digest: latest.digest }, older: { complete: true } });
    expect((await stage.get(`/v1/checkpoints/1/consistency?from=${number}`)).status).toBe(400);
    expect((await stage.get("/v1/checkpoints/99999")).status).toBe(404);
  });
});

describe("carbon", () => {
  it("should fetch a trust file, packs, and check that nothing was rewritten since", async () => {
    const [trust, pack, held, seen] = ["trust.json", "1.json", "held.json", "seen.json"].map(inFolder) as [
      string,
      string,
      string,
      string,
    ];
    expect((await carbon("trust", "--out", trust)).code).toBe(0);
    // Nobody seals blocks here: at every block the file is the same.
    const [early, late] = [inFolder("early.json"), inFolder("late.json")];
    const { blockNumber } = (await stage.get("/v1/retirements/1")).body;
    expect((await carbon("trust", "--block", String(blockNumber), "--out", early)).code).toBe(0);
    expect(await readFile(early)).toEqual(await readFile(trust));
    expect((await carbon("trust", "--block", "999999", "--out", late)).code).toBe(3);
    const fetched = await carbon("--json", "proof", "retirement", "1", "--out", pack);
    const bytes = await readFile(pack);
    expect(JSON.parse(fetched.out)).toEqual({
      file: pack,
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
    expect(verifyFile(bytes, parseTrust(await readFile(trust))).accepted).toBe(true);
    const key = holder.key.authorization.replace("Bearer ", "");
    expect((await carbon("--key", key, "proof", "holding", holder.account, BATCH, "--out", held)).code).toBe(0);
    expect((await carbon("proof", "holding", holder.account, BATCH)).code).toBe(3);
    expect((await carbon("proof", "retirement", "x")).code).toBe(2);

    const first = await carbon("checkpoints", "--trust", trust, "--save", seen);
    expect([first.code, first.out]).toEqual([0, expect.stringContaining("ACCEPTED")]);
    await retire();
    await stage.get("/v1/retirements/3/proof");
    expect((await carbon("checkpoints", "--trust", trust, "--known", seen)).code).toBe(0);

    const kept = JSON.parse(await readFile(seen, "utf8"));
    kept.checkpoint.logRoot = `0x${"11".repeat(32)}`;
    await writeFile(seen, JSON.stringify(kept));
    const judged = await carbon("--json", "checkpoints", "--trust", trust, "--known", seen);
    expect(judged.code).toBe(1);
    expect(JSON.parse(judged.out).reasons.map(({ code }: { code: string }) => code)).toContain("split-view");
    expect((await carbon("checkpoints", "--trust", inFolder("missing.json"))).code).toBe(3);
  });
});
