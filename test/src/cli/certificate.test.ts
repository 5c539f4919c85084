import { createServer, type Server } from "node:http";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { registerCertificate } from "../../../src/cli/certificate.js";
import { runCli } from "../../../src/cli/run.js";
import { VECTORS } from "../../support/vectors.js";

const PDF = Buffer.from([0x25, 0x50, 0x44, 0x46, 0xff, 0x00, 0x0a]);
const TRUST = '{"format":"carbon-ledger/trust/1"}';
const REFUSAL = { code: "proof-not-yet", detail: "The registrar's signature is missing.", remedy: "Repeat." };

let server: Server;
let url: string;
let directory: string;
const asked: string[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "certificate-"));
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    if (request.url?.includes("/9/")) response.writeHead(409).end(JSON.stringify(REFUSAL));
    else response.end(request.url === "/v1/trust" ? TRUST : PDF);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => void asked.splice(0));
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

async function carbon(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const into = (lines: string[]) => ({ write: (text: string) => lines.push(text) });
  const around = { env: { CARBON_URL: url }, stdout: into(out), stderr: into(err) };
  const code = await runCli(args, around, [registerCertificate]);
  return { code, out: out.join(""), err: err.join("") };
}

describe("carbon certificate", () => {
  const file = () => join(directory, "one.pdf");
  const trust = () => join(directory, "carbon-trust.json");

  it("should keep the exact bytes, and a trust file with a word of caution", async () => {
    const { code, out, err } = await carbon("certificate", "12", "--language", "fr", "--out", file());
    expect(code).toBe(0);
    expect(readFileSync(file())).toEqual(PDF);
    expect(readFileSync(trust(), "utf8")).toBe(TRUST);
    expect(asked).toEqual(["/v1/retirements/12/certificate.pdf?language=fr", "/v1/trust"]);
    expect(out).toContain(`carbon verify ${file()} --trust ${trust()}`);
    expect(err).toMatch(/trust on first use[^]*[0-9a-f]{64}/);
  });

  it("should leave a trust file that is there as it is", async () => {
    writeFileSync(trust(), "mine");
    const { code, out } = await carbon("--json", "certificate", "12", "--out", file());
    expect([code, JSON.parse(out)]).toMatchObject([0, { retirementId: "12", language: "vi", bytes: PDF.length }]);
    expect(readFileSync(trust(), "utf8")).toBe("mine");
    expect(asked).toEqual(["/v1/retirements/12/certificate.pdf?language=vi"]);
  });

  it("should say so when the trust file that is there does not speak for the certificate", async () => {
    for (const [content, why] of [
      ["mine", "put that file aside"],
      [JSON.stringify(VECTORS.trust), "no JSON in UTF-8"],
    ] as const) {
      writeFileSync(trust(), content);
      const { code, err } = await carbon("certificate", "12", "--out", file());
      expect([code, err]).toEqual([0, expect.stringContaining("does not speak for it")]);
      expect(err).toContain(why);
    }
  });

  it.each([["0"], ["-1"], ["1e3"], ["../admin"], ["12", "--language", "de"]])(
    "given %s, it should not understand, and ask nobody",
    async (...args) => {
      expect((await carbon("certificate", ...args)).code).toBe(2);
      expect(asked).toEqual([]);
    },
  );

  it("should say why it could not be done", async () => {
    const refused = await carbon("certificate", "9", "--out", file());
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining("The registrar's signature is missing.")]);
    const nowhere = await carbon("certificate", "12", "--out", join(directory, "no", "such", "folder.pdf"));
    expect([nowhere.code, nowhere.err]).toEqual([3, expect.stringContaining("cannot be written")]);
    const unreached = await carbon("--url", "http://127.0.0.1:1", "certificate", "12", "--out", file());
    expect([unreached.code, unreached.err]).toEqual([3, expect.stringContaining("cannot be reached")]);
  });
});
