import { createHash } from "node:crypto";
import { computeAddress, recoverAddress } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { RetirementIntentJson } from "../../../src/chain/intent-json.js";
import { manifestDigest } from "../../../src/verify/attestation.js";
import {
  freshTerms,
  SERVICE_KEY,
  signedBody,
  startTestService,
  type SelfCustodyFirm,
  type TestService,
} from "../../support/service.js";

const WAIT = { prefer: "wait=20" };

let stage: TestService;
let holder: SelfCustodyFirm;
let other: SelfCustodyFirm;
let auditor: { authorization: string };

beforeAll(async () => {
  stage = await startTestService();
  holder = await stage.firm();
  other = await stage.firm();
  auditor = await stage.keyOf({ scope: "auditor", label: "auditor" });
  await stage.ledger.issueBatch({
    code: "A-2023",
    project: "PROJECT-A",
    recipient: holder.account,
    tonnes: 50_000,
    vintage: 2023,
  });
  await stage.ledger.issueBatch({ code: "B-2024", project: "PROJECT-B", recipient: holder.account, tonnes: 5_000 });
  await stage.synced();
  await retire({ batch: "A-2023", tonnes: "12", beneficiary: "Cảng Đà Nẵng", purpose: "voluntary" });
  await retire({ batch: "A-2023", tonnes: "300", beneficiary: "Électricité de Nice", purpose: "compliance" });
  await retire({ batch: "B-2024", tonnes: "7", beneficiary: "=cmd|'/c calc'!A1", details: '- minus\nand "quotes"' });
  await transfer(100);
}, 60_000);
afterAll(() => stage.close());

async function retire(differences: Partial<RetirementIntentJson>) {
  const order: RetirementIntentJson = {
    ...freshTerms(holder.account),
    batch: "A-2023",
    tonnes: "1",
    blocks: [],
    beneficiary: "Somebody",
    beneficiaryId: "",
    beneficiaryCommitment: null,
    purpose: "voluntary",
    reason: "",
    details: "",
    consumptionCountry: "VN",
    consumptionPeriodStart: "2024-01-01",
    consumptionPeriodEnd: "2024-12-31",
    ...differences,
  };
  const { body } = await signedBody("retirement", order, holder.wallet, stage.domain);
  const answer = await stage.post("/v1/retirements", body, WAIT);
  expect(answer.body).toMatchObject({ status: "final" });
}

async function transfer(tonnes: number) {
  const intent = {
    ...freshTerms(holder.account),
    to: other.account,
    batch: "A-2023",
    tonnes: String(tonnes),
    blocks: [],
  };
  const { body } = await signedBody("transfer", intent, holder.wallet, stage.domain);
  expect((await stage.post("/v1/transfers", body, WAIT)).body).toMatchObject({ status: "final" });
}

const ids = (body: { items: { id: string }[] }) => body.items.map(({ id }) => id);
const found = async (query: string) => ids((await stage.get(`/v1/history/retirements?${query}`)).body);

describe("GET /v1/history/retirements", () => {
  it.each([
    "%",
    "_",
    "'",
    "\\",
    "';--",
    "100%_\\",
    "(zq+)+$",
    "[[:alpha:]]*",
    ".*",
    "':* & | !",
    '"',
    "$99",
    "\u0000",
    "﹪",
    "zq'||'zq",
  ])("should take %j for words, or for none: nothing else is found", async (text) => {
    const query = encodeURIComponent(text);
    for (const name of ["q", "beneficiary", "firm", "project", "programme", "methodology", "sector"]) {
      const { status, body } = await stage.get(`/v1/history/retirements?${name}=${query}`);
      const seen = status === 200 ? body.items : body.code;
      expect([name, seen], text).toEqual([name, status === 200 ? [] : "validation-failed"]);
    }
    const exact = await stage.get(`/v1/history/retirements?beneficiaryId=${query}`);
    expect(exact.status === 200 ? exact.body.items : exact.body.code).toEqual(
      exact.status === 200 ? [] : "validation-failed",
    );
    const totals = await stage.get(`/v1/history/retirements/totals?q=${query}`);
    if (totals.status === 200) expect(totals.body.totals.records).toBe("0");
  });

  it("should show a record flat, with names and links", async () => {
    const { body } = await stage.get("/v1/history/retirements?beneficiary=cang");
    expect(body).toEqual({
      items: [
        expect.objectContaining({
          id: "1",
          batch: "A-2023",
          projectCode: "PROJECT-A",
          vintage: 2023,
          tonnes: "12",
          serialBlocks: [{ start: "1", end: "12" }],
          beneficiary: "Cảng Đà Nẵng",
          links: expect.objectContaining({ self: "/v1/retirements/1" }),
        }),
      ],
      next: null,
    });
  });

  it.each([
    ["q=CANG+DA+NANG", ["1"]],
    ["q=electricite", ["2"]],
    ["q=elec", ["2"]],
    ["purpose=compliance", ["2"]],
    ["project=PROJECT-B", ["3"]],
    ["project=NO-SUCH-PROJECT", []],
    ["programme=nobody", []],
    ["firm=424242", []],
    ["vintage=2023", ["2", "1"]],
    ["serial=A-2023:13", ["2"]],
    ["serial=A-2023:999999999999", []],
    ["minTonnes=10&maxTonnes=20", ["1"]],
    ["sort=tonnes", ["3", "1", "2"]],
    ["sort=-tonnes&limit=1", ["2"]],
    ["sort=oldest", ["1", "2", "3"]],
    ["country=VN&periodFrom=2024-12-31&periodTo=2025-12-31", ["3", "2", "1"]],
    ["periodFrom=2025-01-01", []],
    ["to=2000-01-01", []],
    ["upToBlock=0", []],
    ["q=quotes%22%27%3B--%25", ["3"]],
  ])("should answer %s", async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  it.each(["q=%25%27", "serial=A-2023", "sort=price", "vintage=1", "unknown=1", "project=--"])(
    "should refuse %s",
    async (query) => {
      expect((await stage.get(`/v1/history/retirements?${query}`)).body).toMatchObject({ code: "validation-failed" });
    },
  );
});

describe("GET /v1/history/{subject}/totals", () => {
  it("should add up groups, and all", async () => {
    const { body } = await stage.get("/v1/history/retirements/totals?groupBy=project");
    expect(body).toMatchObject({
      groupBy: "project",
      totals: { records: "3", tonnes: "319", value: null },
      items: [
        { key: "PROJECT-A", records: "2", tonnes: "312" },
        { key: "PROJECT-B", records: "1", tonnes: "7" },
      ],
    });
    const narrow = await stage.get("/v1/history/retirements/totals?groupBy=sector&q=nang");
    expect(narrow.body.items).toEqual([{ key: "", name: null, records: "1", tonnes: "12", value: null }]);
  });
});

describe("whose records", () => {
  it("should give a firm its own transfers, an auditor all, and nobody else any", async () => {
    const stranger = await stage.firm();
    const count = async (headers: Record<string, string>) =>
      (await stage.get("/v1/history/transfers", headers)).body.items?.length as number | undefined;
    expect(await count({})).toBeUndefined();
    expect(await count(stranger.key)).toBe(0);
    expect(await count(holder.key)).toBe(1);
    expect(await count(other.key)).toBe(1);
    expect(await count(auditor)).toBe(1);
  });

  it("should not let a firm ask who it trades with", async () => {
    for (const query of [`?account=${other.account}`, `?counterparty=${other.account}`, "/totals?groupBy=buyer"])
      expect((await stage.get(`/v1/history/trades${query}`, holder.key)).body).toMatchObject({ code: "forbidden" });
    expect((await stage.get(`/v1/history/trades?account=${holder.account}`, holder.key)).status).toBe(200);
  });
});

describe("GET /v1/history/{subject}/export", () => {
  it("should give a file whose signed manifest says its rows, its bytes and its hash", async () => {
    const file = await stage.get("/v1/history/retirements/export?format=csv");
    expect(file.status).toBe(200);
    const { headers, text } = file;
    const lines = text.split("\r\n");
    expect(lines).toHaveLength(5);
    expect(text).toContain(`"'=cmd|'/c calc'!A1"`);
    expect(headers.get("link")).toBe(`</v1/exports/${headers.get("x-export-id")}>; rel="describedby"`);

    const { body } = await stage.get(`/v1/exports/${headers.get("x-export-id")}`);
    expect(body).toMatchObject({ status: "complete", subject: "retirements", format: "csv" });
    expect(body.manifest).toMatchObject({
      rows: "3",
      bytes: String(Buffer.byteLength(text)),
      sha256: `0x${createHash("sha256").update(text).digest("hex")}`,
      query: "{}",
    });
    const { signer, signature, ...unsigned } = body.manifest;
    const digest = manifestDigest(unsigned, {
      chainId: stage.ledger.manifest.chainId,
      contract: stage.ledger.addresses.Retirements,
    });
    expect(signer).toBe(computeAddress(SERVICE_KEY).toLowerCase());
    expect(recoverAddress(digest, signature).toLowerCase()).toBe(signer);
    const raw = await stage.get(body.links.manifest);
    expect(raw.body).toEqual(body.manifest);
  });

  it("should give the same rows as JSON lines", async () => {
    const { text } = await stage.get("/v1/history/retirements/export?format=ndjson&purpose=compliance");
    const [line] = text.trimEnd().split("\n");
    const { items } = (await stage.get("/v1/history/retirements?purpose=compliance")).body;
    const { links: _, ...row } = items[0];
    expect(JSON.parse(line!)).toEqual(row);
  });

  it("should say so when nobody read to the end", async () => {
    const head = await stage.send("/v1/history/retirements/export", { method: "HEAD" });
    const id = head.headers.get("x-export-id")!;
    expect((await stage.get(`/v1/exports/${id}/manifest`)).body).toMatchObject({ code: "export-abandoned" });
  });

  it("should not know of blocks to come, nor show others what a firm exported", async () => {
    const future = await stage.get("/v1/history/retirements/export?upToBlock=999999");
    expect(future.body).toMatchObject({ code: "as-of-future" });
    const file = await stage.get("/v1/history/transfers/export", holder.key);
    const id = file.headers.get("x-export-id")!;
    expect((await stage.get(`/v1/exports/${id}`, holder.key)).body).toMatchObject({
      query: { participantId: holder.id },
    });
    expect((await stage.get(`/v1/exports/${id}`, other.key)).status).toBe(404);
    expect((await stage.get(`/v1/exports/${id}`, auditor)).status).toBe(200);
    expect(ids((await stage.get("/v1/exports", other.key)).body)).toEqual([]);
    expect(ids((await stage.get("/v1/exports", holder.key)).body)).toEqual([id]);
  });
});
