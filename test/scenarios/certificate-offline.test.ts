import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { runCli } from "../../src/cli/run.js";
import { parseTrust, verifyFile } from "../../src/verify/verify.js";
import { freshTerms, signedBody, startTestService, type TestService } from "../support/service.js";

const LANGUAGES = ["vi", "en", "fr"];
const BENEFICIARY = "Công ty cổ phần thép Đà Nẵng";

let directory: string;
let id: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "certificate-"));
  const stage = await startTestService();
  try {
    id = await retire(stage);
    for (const language of LANGUAGES) {
      const answer = await carbon(
        "--url",
        stage.url,
        "certificate",
        id,
        "--language",
        language,
        "--out",
        pdf(language),
      );
      expect([answer.err, answer.code]).toEqual([answer.err, 0]);
    }
  } finally {
    await stage.close();
  }
}, 120_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const pdf = (language: string) => join(directory, `certificate-${language}.pdf`);
const trust = () => join(directory, "carbon-trust.json");

async function retire(stage: TestService): Promise<string> {
  const firm = await stage.firm();
  await stage.officerKey("registrar", "registrar1");
  await stage.officerKey("compliance-officer", "compliance1");
  await stage.ledger.issueBatch({ code: "VN-2024", recipient: firm.account, tonnes: 500 });
  await stage.synced();
  const order = {
    ...freshTerms(firm.account),
    batch: "VN-2024",
    tonnes: "120",
    blocks: [],
    beneficiary: BENEFICIARY,
    beneficiaryId: "0400101549",
    beneficiaryCommitment: null,
    purpose: "voluntary" as const,
    reason: "Trung hòa các-bon năm 2024",
    details: "",
    consumptionCountry: "VN",
    consumptionPeriodStart: "2024-01-01",
    consumptionPeriodEnd: "2024-12-31",
  };
  const { body } = await signedBody("retirement", order, firm.wallet, stage.domain);
  const answer = await stage.post("/v1/retirements", body, { prefer: "wait=20" });
  return answer.body.result.retirementId;
}

async function carbon(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const into = (lines: string[]) => ({ write: (text: string) => lines.push(text) });
  const code = await runCli(args, { env: {}, stdout: into(out), stderr: into(err) });
  return { code, out: out.join(""), err: err.join("") };
}

describe("a certificate, when the service is gone", () => {
  it("should be accepted by carbon verify, which asks nobody", async () => {
    const asked = vi.spyOn(globalThis, "fetch");
    for (const language of LANGUAGES) {
      const { code, out } = await carbon("--json", "verify", pdf(language), "--trust", trust());
      const verdict = JSON.parse(out);
      expect([language, code, verdict]).toMatchObject([
        language,
        0,
        { accepted: true, kind: "certificate", facts: { retirementId: id, beneficiary: BENEFICIARY, tonnes: "120" } },
      ]);
    }
    expect(asked).not.toHaveBeenCalled();
    asked.mockRestore();
  });

  it("given one flipped byte on its page, in its seal or in its proof, it should be refused with the reason", async () => {
    const bytes = readFileSync(pdf("vi"));
    const places = {
      page: bytes.indexOf("TJ", bytes.indexOf("BT")) - 4,
      title: bytes.indexOf("dc:title") + 1,
      proof: bytes.indexOf('"accountProof"') + 40,
      signature: bytes.indexOf('"signature"', bytes.indexOf("%carbon-ledger-seal")) + 30,
      table: bytes.lastIndexOf("xref\n0 ") + 20,
      end: bytes.length - 3,
    };
    for (const [place, at] of Object.entries(places)) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 1;
      const file = join(directory, `altered-${place}.pdf`);
      writeFileSync(file, altered);
      const { code, out } = await carbon("verify", file, "--trust", trust());
      expect([place, code]).toEqual([place, 1]);
      expect([place, out]).toEqual([place, expect.stringMatching(/changed|altered|seal|signature|PDF/i)]);
    }
  });

  it("should be refused for each of a hundred other bytes, wherever they lie", () => {
    const bytes = readFileSync(pdf("fr"));
    const believed = parseTrust(readFileSync(trust()));
    expect(verifyFile(bytes, believed).accepted).toBe(true);
    const step = Math.floor(bytes.length / 100);
    for (let at = 0; at < bytes.length; at += step) {
      const altered = new Uint8Array(bytes);
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
      expect([at, verifyFile(altered, believed).accepted]).toEqual([at, false]);
    }
  });

  it("given other institutions' keys, it should be refused", async () => {
    const other = JSON.parse(readFileSync(trust(), "utf8"));
    other.checkpointSigners = other.checkpointSigners.map((signer: { role: string }, index: number) => ({
      ...signer,
      address: `0x${String(index + 1).padStart(40, "0")}`,
    }));
    const file = join(directory, "other-trust.json");
    writeFileSync(file, JSON.stringify(other));
    const { code, out } = await carbon("verify", pdf("en"), "--trust", file);
    expect([code, out]).toEqual([1, expect.stringMatching(/sign/i)]);
  });
});
