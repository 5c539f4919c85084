import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { sealKeystore } from "../../../src/chain/keystore.js";
import { startCarbon } from "../../support/carbon.js";
import { startTestService, type TestService } from "../../support/service.js";

const PASSWORD = "correct horse";
const wallet = Wallet.createRandom();
const IDENTITY = ["--capabilities", "trade-credits,develop-projects", "--kyc-until", "2099-12-31"];

let service: TestService;
let person: ReturnType<typeof startCarbon>;

beforeAll(async () => {
  service = await startTestService();
  await service.synced();
  person = startCarbon({ CARBON_PASSWORD: PASSWORD, CARBON_URL: service.url });
  const admin = await service.keyOf({ scope: "admin", label: "admin" });
  const keys: Record<string, { readonly authorization: string }> = {
    admin,
    registrar1: await service.officerKey("registrar", "registrar1"),
    registrar2: await service.officerKey("registrar", "registrar2"),
    verifier: await service.officerKey("verifier", "verifier"),
    compliance: await service.officerKey("compliance-officer", "compliance1"),
    institution: await service.officerKey("admin", "admin"),
    bank: await service.officerKey("settlement-bank", "bank1"),
  };
  for (const [name, { authorization }] of Object.entries(keys)) keyOf.set(name, authorization.replace("Bearer ", ""));
  const file = join(person.home, "vvb.json");
  writeFileSync(file, await sealKeystore(service.keys.verifier.privateKey, PASSWORD, 2));
  await person.carbon(["keys", "import", file, "--name", "vvb"]);
});
afterAll(async () => {
  person.close();
  await service.close();
});

/** API key of each office. */
const keyOf = new Map<string, string>();

async function carbon(office: string, ...args: string[]) {
  const done = await person.carbon(["--json", "--key", keyOf.get(office) ?? "", ...args]);
  return { ...done, told: `${done.code} ${done.err}` };
}

describe("institutions at their command line", () => {
  let account: string;
  let statementId: string;

  it("should admit a participant, and give it an API key", async () => {
    const words = ["participants", "admit", "--tax-code", "0400101549", "--name", "Thép", ...IDENTITY];
    expect((await carbon("registrar1", ...words, "--managed", "--dry-run")).json).toMatchObject({ dryRun: true });
    expect((await carbon("registrar1", "participants", "list")).json.items).toEqual([]);
    expect((await carbon("registrar1", ...words)).code).toBe(3);
    const done = await carbon("registrar1", ...words, "--managed");
    expect([done.told, done.json.status]).toEqual([expect.stringMatching(/^0 /), "final"]);
    account = done.json.result.account as string;
    const participant = ["--participant", String(done.json.result.participantId)];
    const made = await carbon("admin", "api-keys", "create", "--scope", "participant", ...participant, "--label", "x");
    keyOf.set("firm", made.json.key as string);
    expect((await carbon("firm", "holdings")).json).toEqual({ items: [], next: null });
    const keys = (await carbon("admin", "api-keys", "list", "--all")).json.items as { id: string }[];
    expect(keys.map(({ id }) => id)).toContain(made.json.id);
    expect(JSON.stringify(keys)).not.toContain(made.json.key);
  });

  it("should list a project, have it verified with the verifier's own key, and issue with two registrars", async () => {
    const { json } = await carbon("registrar1", "participants", "list");
    const owner = String(json.items[0].id);
    expect((await carbon("registrar1", "projects", "create", "P-1", "--owner", owner, "--name", "Sun")).code).toBe(0);
    for (const status of ["validated", "registered"]) await carbon("registrar1", "projects", "status", "P-1", status);
    expect((await carbon("firm", "projects", "show", "P-1")).json).toMatchObject({ name: "Sun", status: "registered" });

    const report = join(person.home, "report.pdf");
    writeFileSync(report, "all is well");
    const words = [
      "record",
      "P-1",
      "--from",
      "2024-01-01",
      "--until",
      "2024-12-31",
      "--tonnes",
      "1000",
      "--report",
      report,
    ];
    const plan = await person.carbon(["--json", "statements", ...words, "--sign-with", "vvb", "--dry-run"]);
    const recorded = await person.carbon(["--json", "statements", ...words, "--sign-with", "vvb"]);
    statementId = recorded.json.result.statementId as string;
    expect(statementId).toBe(plan.json.hash);
    expect((await carbon("firm", "statements", "list")).json.items).toMatchObject([
      { id: statementId, verifiedTonnes: "1000" },
    ]);

    const terms = ["--batch", "P-1-2024", "--vintage", "2024", "--tonnes", "900", "--to", account];
    const proposed = await carbon("registrar1", "issuances", "propose", statementId, ...terms);
    const { issuanceId } = proposed.json.result as { issuanceId: string };
    expect(await carbon("registrar1", "issuances", "approve", issuanceId)).toMatchObject({
      code: 1,
      json: { problem: { code: "registry-same-registrar" } },
    });
    const plain = await person.carbon([
      "--key",
      keyOf.get("registrar2") ?? "",
      "issuances",
      "approve",
      issuanceId,
      "--dry-run",
    ]);
    expect(plain.out).toContain("900 t");
    expect((await carbon("registrar2", "issuances", "approve", issuanceId)).json).toMatchObject({ status: "final" });
    expect((await carbon("firm", "batches", "show", "P-1-2024")).json).toMatchObject({ heldTonnes: "900" });
    expect((await carbon("firm", "holdings", "--blocks")).json.items).toMatchObject([
      { blocks: [{ start: "1", end: "900" }] },
    ]);
  });

  it("should refuse imported serials that are not as many as the tonnes", async () => {
    const terms = ["--batch", "P-2", "--vintage", "2024", "--tonnes", "10", "--to", account];
    const foreign = ["--programme", "VCS", "--series", "13488", "--foreign-serials"];
    const propose = (block: string) =>
      carbon("registrar1", "issuances", "propose", statementId, ...terms, ...foreign, block);
    expect(await propose("1-11")).toMatchObject({ code: 3, err: expect.stringContaining("not as long") as string });
    expect(await propose("1-5,7-11")).toMatchObject({ code: 3 });
    expect((await propose("1-10")).json).toMatchObject({ status: "final" });
  });

  it("should make money for a firm, and pay it out", async () => {
    const deposit = await carbon("bank", "cash", "deposit", "5000", "--for", account, "--reference", "MT103-1");
    expect(deposit.json).toMatchObject({ status: "final" });
    expect((await carbon("firm", "cash", "balances")).json.items).toMatchObject([{ account, amount: "5000" }]);
    const payee = ["--bank", "BIDV", "--number", "0123", "--holder", "Thép"];
    expect((await carbon("firm", "cash", "redeem", "2000", ...payee)).json).toMatchObject({ status: "final" });
    const { items } = (await carbon("bank", "cash", "redemptions")).json as { items: { id: string }[] };
    const paid = await carbon("bank", "cash", "settle", items[0]?.id ?? "", "--paid", "MT103-2");
    expect([paid.told, paid.json.status]).toEqual([expect.stringMatching(/^0 /), "final"]);
    expect((await carbon("bank", "cash", "settle", "1", "--paid", "x", "--refuse", "y")).code).toBe(3);
  });

  it("should suspend a participant, which then can do nothing, and reinstate it", async () => {
    const { json } = await carbon("compliance", "participants", "list");
    const number = String(json.items[0].id);
    expect((await carbon("compliance", "participants", "suspend", number, "--reason", "Licence")).code).toBe(0);
    const retire = ["retire", "P-1-2024", "1", "--purpose", "voluntary", "--beneficiary", "Thép"];
    expect(await carbon("firm", ...retire)).toMatchObject({
      code: 1,
      json: { problem: { code: "participant-suspended" } },
    });
    expect((await carbon("compliance", "participants", "reinstate", number)).code).toBe(0);
    expect(await carbon("firm", ...retire)).toMatchObject({ code: 0 });
    const another = ["participants", "add-account", number, "--account", wallet.address];
    expect((await carbon("registrar1", ...another)).json).toMatchObject({ status: "final" });
    expect((await carbon("firm", "participants", "show", number)).json.accounts).toHaveLength(2);
  });

  it("should announce the exchange's fee, and who receives it", async () => {
    const none = await person.carbon(["fee", "show"]);
    expect(none.out).toMatch(/fee now +0 basis points\nannounced +no change\nreceived by +nobody yet/);
    const fee = ["fee", "set", "25", "--from", "2090-01-01T00:00:00+07:00"];
    expect((await carbon("registrar1", ...fee)).json.problem.code).toBe("forbidden");
    expect((await carbon("institution", ...fee)).json.problem.code).toBe("exchange-fee-account-missing");
    const named = await carbon("institution", "fee", "account", account);
    expect(named.json).toMatchObject({ status: "final", result: { feeAccount: account } });
    const plan = await person.carbon(["--key", keyOf.get("institution") ?? "", ...fee, "--dry-run"]);
    expect(plan.out).toMatch(/then +25 basis points\n.*from +.*2089/s);
    expect((await carbon("institution", ...fee)).json).toMatchObject({ status: "final", result: { basisPoints: 25 } });
    expect((await carbon("institution", "fee", "show")).json).toEqual({
      basisPoints: 0,
      next: { basisPoints: 25, from: "2089-12-31T17:00:00.000Z" },
      account,
    });
    const again = await carbon("institution", "fee", "set", "501", "--from", "2090-01-01");
    expect([again.code, again.json.problem.code]).toEqual([1, "validation-failed"]);
    expect((await carbon("institution", "fee", "set", "2.5", "--from", "2090-01-01")).code).toBe(2);
    expect((await carbon("institution", ...fee, "--schedule")).json.problem.code).toBe(
      "access-manager-unauthorized-call",
    );
  });

  it("should set up to how much one officer of the bank makes", async () => {
    expect((await carbon("bank", "cash", "limit", "0")).json.problem.code).toBe("forbidden");
    const plan = await person.carbon(["--key", keyOf.get("institution") ?? "", "cash", "limit", "7000", "--dry-run"]);
    expect(plan.out).toMatch(/limit now .*\n.*then +7,000/);
    expect((await carbon("institution", "cash", "limit", "7000")).json).toMatchObject({ status: "final" });
    expect((await carbon("firm", "cash", "show")).json).toMatchObject({ singleApprovalLimit: "7000" });
    expect((await carbon("institution", "cash", "limit", "7e3")).code).toBe(2);
  });

  it("should name the account of the buffer", async () => {
    expect((await person.carbon(["issuances", "buffer", "show"])).out).toContain("Nobody yet.");
    const refused = await carbon("institution", "issuances", "buffer", "account", account);
    expect(refused.json.problem.code).toBe("registry-buffer-account-invalid");
    const words = [
      "participants",
      "admit",
      "--tax-code",
      "0400101550",
      "--name",
      "Pool",
      "--capabilities",
      "hold-buffer",
    ];
    const admitted = await carbon("registrar1", ...words, "--kyc-until", "2099-12-31", "--managed");
    const pool = (admitted.json.result as { account: string }).account;
    const named = await carbon("institution", "issuances", "buffer", "account", pool);
    expect([named.told, named.json.status]).toEqual([expect.stringMatching(/^0 /), "final"]);
    expect((await carbon("firm", "issuances", "buffer", "show")).json).toEqual({ account: pool });
  });

  it("should keep a person beside the chain, retire for them, and forget them", async () => {
    const kept = await carbon("firm", "people", "keep", "Trần Thị Bình", "--identifier", "048199001234");
    const { commitment, salt } = kept.json as { commitment: string; salt: string };
    expect(kept.told).toMatch(/^0 Retire for this person with --commitment 0x/);
    const again = await carbon(
      "firm",
      "people",
      "keep",
      "Trần Thị Bình",
      "--identifier",
      "048199001234",
      "--salt",
      salt,
    );
    expect(again.json).toEqual(kept.json);
    const retire = ["retire", "P-1-2024", "2", "--purpose", "voluntary", "--commitment", commitment];
    const retired = await carbon("firm", ...retire);
    const id = (retired.json.result as { retirementId: string }).retirementId;
    const person = { retirementId: id, commitment, name: "Trần Thị Bình", identifier: "048199001234", salt };
    expect((await carbon("firm", "people", "show", id)).json).toEqual(person);
    expect((await carbon("verifier", "people", "show", "0")).code).toBe(2);
    expect((await carbon("firm", "people", "forget", commitment)).json).toEqual({ forgotten: commitment });
    expect(await carbon("firm", "people", "show", id)).toMatchObject({
      code: 3,
      err: expect.stringContaining("erased") as string,
    });
  });
});
