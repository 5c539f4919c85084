import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { runCli } from "../../../src/cli/run.js";
import { registerVerify } from "../../../src/cli/verify.js";
import { manifestDigest } from "../../../src/verify/attestation.js";
import { signWith } from "../../../src/verify/signature.js";
import type { ExportManifest } from "../../../src/verify/types.js";
import { bytesOfPack, TEST_KEYS } from "../../support/packs.js";
import { VECTORS } from "../../support/vectors.js";

let directory: string;
let trust: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "carbon-verify-"));
  trust = await put("trust.json", JSON.stringify(VECTORS.trust, null, 2));
});
afterAll(() => rm(directory, { recursive: true }));

async function put(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

async function run(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const streams = {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
  };
  const code = await runCli(args, { env: {}, ...streams }, [registerVerify]);
  return { code, out: out.join(""), err: err.join("") };
}
const fileOf = (words: string) => VECTORS.cases.find(({ name }) => name.includes(words))!.file;

describe("carbon verify", () => {
  it("should accept a pack with 0 and say what it proves", async () => {
    const { code, out } = await run("verify", await put("pack.json", fileOf("own block")), "--trust", trust);
    expect(code).toBe(0);
    expect(out).toContain("ACCEPTED (retirement)");
    expect(out).toContain("Cảng Đà Nẵng");
    expect(out).toContain("VN-1-2024, serials 2-3");
  });

  it("should refuse a changed pack with 1 and say why, also as JSON", async () => {
    const path = await put("changed.json", fileOf("own block").replace("checkpoint", "chackpoint"));
    const plain = await run("verify", path, "--trust", trust);
    expect(plain).toMatchObject({ code: 1 });
    expect(plain.out).toMatch(/^REJECTED.*\n {2}not-a-pack: /);
    const { code, out } = await run("--json", "verify", path, "--trust", trust);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ accepted: false, reasons: [{ code: "not-a-pack" }] });
  });

  it("should confirm a person", async () => {
    const path = await put("person.json", fileOf("natural person"));
    const { name, salt } = VECTORS.person;
    const good = await run("verify", path, "--trust", trust, "--name", name, "--salt", salt);
    expect(good).toMatchObject({ code: 0 });
    expect(good.out).toContain("confirmed");
    expect(await run("verify", path, "--trust", trust, "--name", "Another", "--salt", salt)).toMatchObject({ code: 1 });
    expect(await run("verify", path, "--trust", trust, "--name", name)).toMatchObject({ code: 3 });
  });

  it("should hold an exported file against its manifest", async () => {
    const data = "id,tonnes\n1,2\n";
    const manifest: Partial<ExportManifest> = {
      ...(JSON.parse(fileOf("manifest")) as ExportManifest),
      bytes: String(data.length),
      sha256: `0x${createHash("sha256").update(data).digest("hex")}`,
    };
    const { signer, signature: _, ...unsigned } = manifest as ExportManifest;
    const domain = { chainId: VECTORS.trust.chainId, contract: VECTORS.trust.contracts.retirements };
    const signature = signWith(manifestDigest(unsigned, domain), TEST_KEYS.service);
    const path = await put("manifest.json", bytesOfPack({ ...unsigned, signer, signature }));
    const csv = await put("data.csv", data);
    expect(await run("verify", path, "--trust", trust, "--data", csv)).toMatchObject({ code: 0 });
    const other = await put("other.csv", data.replace("2", "3"));
    const { code, out } = await run("verify", path, "--trust", trust, "--data", other);
    expect({ code, out }).toMatchObject({ code: 1, out: expect.stringContaining("file-altered") });
  });

  it("should say with 3 what could not be done, with 2 what it did not understand", async () => {
    const pack = await put("pack.json", fileOf("own block"));
    expect(await run("verify", pack, "--trust", join(directory, "none.json"))).toMatchObject({ code: 3 });
    const noTrust = await run("verify", pack, "--trust", await put("bad.json", "{}"));
    expect(noTrust).toMatchObject({ code: 3, err: expect.stringContaining("is no trust file") });
    expect(await run("verify", join(directory, "none"), "--trust", trust)).toMatchObject({ code: 3 });
    expect(await run("verify")).toMatchObject({ code: 2 });
    expect(await run("verify", pack, "--trust", trust, "--nonsense")).toMatchObject({ code: 2 });
  });
});
