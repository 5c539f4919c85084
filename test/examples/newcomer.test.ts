import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createClient } from "../../src/client/index.js";
import { startTestService, type TestService } from "../support/service.js";

const SCRIPT = "examples/newcomer.ts";
const BATCH = "VN-VCS-1-2024-01";

let stage: TestService;
beforeAll(async () => {
  stage = await startTestService();
});
afterAll(() => stage.close());

describe("the newcomer's script", () => {
  it("should be short enough to be read at once", () => {
    expect(readFileSync(SCRIPT, "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(25);
  });

  it("should stand in the README as it is", () => {
    const [, ...program] = readFileSync(SCRIPT, "utf8").split("\n");
    expect(readFileSync("README.md", "utf8")).toContain(`\`\`\`ts\n${program.join("\n")}\`\`\``);
  });

  it("should transfer, retire, wait, and print the link of a certificate that is there", async () => {
    const key = Wallet.createRandom();
    const [firm, other] = [await stage.firm(key), await stage.firm()];
    await stage.ledger.issueBatch({ code: BATCH, recipient: firm.account, tonnes: 100 });
    await stage.synced();

    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", SCRIPT, BATCH, other.account], {
      env: { ...process.env, CARBON_URL: stage.url, FIRM_KEY: key.privateKey },
      timeout: 60_000,
    });

    const link = /https?:\/\/\S+/.exec(stdout)?.[0] ?? "";
    const page = await stage.get(new URL(link).pathname);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(page.text).toContain("Newcomer Ltd");
    const client = createClient({ baseUrl: stage.url, apiKey: other.key.authorization.slice("Bearer ".length) });
    expect((await client.holdings.get(other.account, BATCH)).tonnes).toBe("10");
    expect((await client.batches.get(BATCH)).retiredTonnes).toBe("5");
  });
});
