import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { runCli } from "../../../src/cli/run.js";
import { createClient } from "../../../src/client/index.js";
import {
  freshTerms,
  signedBody,
  startTestService,
  type SelfCustodyFirm,
  type TestService,
} from "../../support/service.js";

const BATCH = "A-2023";
const QUIET = "B-2022";
const YEARS = "from=2020-01-01&to=2035-01-01";

let stage: TestService;
let holder: SelfCustodyFirm;
let other: SelfCustodyFirm;
let auditor: { authorization: string };
let before: number;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "past-exports-"));
  stage = await startTestService();
  holder = await stage.firm();
  other = await stage.firm();
  auditor = await stage.keyOf({ scope: "auditor", label: "auditor" });
  await stage.ledger.issueBatch({ code: BATCH, project: "PROJECT-A", recipient: holder.account, tonnes: 1_000 });
  await stage.ledger.issueBatch({ code: QUIET, project: "PROJECT-A", recipient: holder.account, tonnes: 70 });
  await stage.synced();
  before = await stage.ledger.ethers.provider.getBlockNumber();
  const intent = { ...freshTerms(holder.account), to: other.account, batch: BATCH, tonnes: "100", blocks: [] };
  const { body } = await signedBody("transfer", intent, holder.wallet, stage.domain);
  expect((await stage.post("/v1/transfers", body, { prefer: "wait=20" })).body).toMatchObject({ status: "final" });
}, 60_000);
afterAll(async () => {
  await stage.close();
  rmSync(directory, { recursive: true });
});

type Row = Record<string, unknown>;

async function file(path: string, headers: Record<string, string> = auditor) {
  const response = await fetch(`${stage.url}/v1${path}`, { headers });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  const manifestPath = `/v1/exports/${response.headers.get("x-export-id")}/manifest`;
  const manifest = async () => (await stage.get(manifestPath, headers)).body as Record<string, string>;
  const rows = () =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Row);
  return { status: response.status, bytes, text, rows, manifest };
}

async function carbon(...args: string[]) {
  const texts: string[] = [];
  const output = { write: (text: string) => texts.push(text) };
  const key = auditor.authorization.replace("Bearer ", "");
  const env = { CARBON_URL: stage.url, CARBON_KEY: key };
  const code = await runCli(args, { env, stdout: output, stderr: output });
  return { code, text: texts.join("") };
}

describe("GET /v1/as-of/{subject}/export", () => {
  it("should give the holdings of one block, signed for", async () => {
    const past = await file(`/as-of/holdings/export?format=ndjson&batch=${BATCH}&block=${before}`);
    expect(past.rows()).toEqual([
      { account: holder.account, participantId: holder.id, batch: BATCH, tonnes: "1000", frozenTonnes: "0" },
    ]);
    expect(await past.manifest()).toMatchObject({
      subject: "holdings",
      blockNumber: String(before),
      rows: "1",
      query: `{"batch":"${BATCH}"}`,
    });
    const now = await file(`/as-of/holdings/export?format=parquet&batch=${BATCH}`);
    const rows = await parquetReadObjects({ file: now.bytes.slice().buffer });
    expect(rows.map(({ tonnes }) => tonnes as bigint).toSorted()).toEqual([100n, 900n]);
  });

  it("should give a firm its own only, and say so in the manifest", async () => {
    const own = await file("/as-of/holdings/export?format=ndjson", other.key);
    expect(own.rows()).toMatchObject([{ account: other.account, tonnes: "100" }]);
    expect((await own.manifest())["query"]).toBe(`{"participantId":${other.id}}`);
    expect(await file("/as-of/holdings/export", {})).toMatchObject({ status: 401 });
    expect((await file(`/as-of/positions/export?participantId=${holder.id}`, other.key)).text).toContain("forbidden");
  });

  it("should give everybody supply, labels and participants", async () => {
    const supply = await file(`/as-of/supply/export?block=${before}`, {});
    expect(supply.text.split("\r\n").slice(1, 3)).toEqual([
      expect.stringMatching(new RegExp(`^"${BATCH}","PROJECT-A",\\d{4},1000,1000,0,0,0,"false",\\d+$`)),
      expect.stringMatching(new RegExp(`^"${QUIET}","PROJECT-A",\\d{4},70,70,0,0,0,"false",\\d+$`)),
    ]);
    const labels = await file("/as-of/labels/export?format=ndjson", {});
    expect(labels.rows()).toMatchObject([{ batch: BATCH, authorisationRevoked: "false" }, { batch: QUIET }]);
    const participants = await file("/as-of/participants/export?format=ndjson", {});
    expect(participants.rows()).toContainEqual(
      expect.objectContaining({ id: holder.id, status: "active", accounts: `${holder.account}:active` }),
    );
  });

  it("should refuse what has not come yet before it answers a file", async () => {
    for (const subject of ["holdings", "positions", "supply", "labels", "participants"]) {
      const future = await file(`/as-of/${subject}/export?block=99999999`);
      expect({ subject, body: JSON.parse(future.text) as Row }).toMatchObject({
        subject,
        body: { code: "as-of-future" },
      });
      const early = await file(`/as-of/${subject}/export?at=1999-01-01T00:00:00Z`);
      expect(JSON.parse(early.text)).toMatchObject({ code: "as-of-too-early" });
    }
  });
});

describe("GET /v1/accounts/{address}/statement/export", () => {
  it("should open, move and close, so that it adds up", async () => {
    const statement = await file(`/accounts/${holder.account}/statement/export?format=ndjson&${YEARS}`, holder.key);
    expect(statement.rows()).toMatchObject([
      { batch: BATCH, kind: "opening", balance: "0", tonnes: null },
      { batch: QUIET, kind: "opening", balance: "0", tonnes: null },
      { batch: BATCH, kind: "issuance", tonnes: "1000", balance: "1000" },
      { batch: QUIET, kind: "issuance", tonnes: "70", balance: "70" },
      { batch: BATCH, kind: "transfer", tonnes: "-100", balance: "900", counterparty: other.account },
      { batch: BATCH, kind: "closing", balance: "900", tonnes: null, positionTonnes: "0" },
      { batch: QUIET, kind: "closing", balance: "70", tonnes: null },
    ]);
    expect(await statement.manifest()).toMatchObject({ subject: "statement", rows: "7" });
    const path = `/accounts/${holder.account}/statement/export?`;
    expect(await file(path + YEARS, other.key)).toMatchObject({ status: 404 });
    expect((await file(`${path}from=1999-01-01&to=1999-12-31`)).text).toContain("as-of-too-early");
    expect((await file(`${path}from=2027-01-01&to=2026-12-31`)).text).toContain("validation-failed");
  });

  it("should give all of a batch without movements in these days its balances", async () => {
    const statement = await file(
      `/accounts/${holder.account}/statement/export?format=ndjson&from=2035-01-02&to=2036-01-01`,
      holder.key,
    );
    expect(statement.rows().map(({ kind, balance }) => [kind, balance])).toEqual([
      ["opening", "900"],
      ["opening", "70"],
      ["closing", "900"],
      ["closing", "70"],
    ]);
  });
});

describe("GET /v1/cash/statement/export", () => {
  it("should open and close for whoever may see the account", async () => {
    const path = `/cash/statement/export?format=ndjson&account=${holder.account}&${YEARS}`;
    const statement = await file(path, holder.key);
    expect(statement.rows()).toMatchObject([
      { kind: "opening", balance: "0", amount: null, timestamp: null },
      { kind: "closing", balance: "0", amount: null, timestamp: null },
    ]);
    expect(await statement.manifest()).toMatchObject({ subject: "cash-statement", rows: "2" });
    expect(JSON.parse((await statement.manifest())["query"] ?? "")).toMatchObject({ place: "account" });
    expect(await file(path, other.key)).toMatchObject({ status: 404 });
    expect(
      (await file(`/cash/statement/export?account=${holder.account}&from=2027-01-01&to=2026-01-01`)).text,
    ).toContain("validation-failed");
  });
});

describe("carbon export", () => {
  it("should write what carbon verify --data accepts, and refuses once a byte is another", async () => {
    const trust = join(directory, "trust.json");
    writeFileSync(trust, JSON.stringify((await stage.get("/v1/trust", auditor)).body));
    const filters = ["--filter", "from=2020-01-01", "--filter", "to=2035-01-01"];
    for (const format of ["csv", "ndjson", "parquet"]) {
      const out = join(directory, `statement.${format}`);
      const made = await carbon(
        "export",
        "statement",
        "--account",
        holder.account,
        "--out",
        out,
        "--format",
        format,
        ...filters,
      );
      expect(made).toMatchObject({ code: 0, text: expect.stringContaining("7 rows") });
      const check = ["verify", `${out}.manifest.json`, "--trust", trust, "--data", out];
      expect(await carbon(...check)).toMatchObject({
        code: 0,
        text: expect.stringContaining("is the one that was signed for"),
      });
      const bytes = readFileSync(out);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(out, bytes);
      expect(await carbon(...check)).toMatchObject({ code: 1, text: expect.stringContaining("file-altered") });
    }
  });

  it("should refuse a manifest of which a byte was changed, cut off or added", async () => {
    const trust = join(directory, "trust.json");
    const out = join(directory, "supply.csv");
    expect((await carbon("export", "supply", "--out", out, "--filter", `block=${before}`)).code).toBe(0);
    const manifest = readFileSync(`${out}.manifest.json`);
    const verdict = async (bytes: Uint8Array): Promise<number> => {
      writeFileSync(join(directory, "changed.json"), bytes);
      return (await carbon("verify", join(directory, "changed.json"), "--trust", trust, "--data", out)).code;
    };
    expect(await verdict(manifest)).toBe(0);
    for (let at = 0; at < manifest.length; at += 7) {
      const changed = new Uint8Array(manifest);
      changed[at]! ^= 1 << (at % 7);
      expect([at, await verdict(changed)]).toEqual([at, 1]);
    }
    expect(await verdict(manifest.subarray(0, -1))).toBe(1);
    expect(await verdict(new Uint8Array([...manifest, 32]))).toBe(1);
    expect((await carbon("verify", `${out}.manifest.json`, "--trust", trust, "--data", trust)).code).toBe(1);
    expect(
      (await carbon("verify", `${out}.manifest.json`, "--trust", trust, "--data", join(directory, "no"))).code,
    ).toBe(3);
  });

  it("should want an account for a statement", async () => {
    for (const subject of ["statement", "cash-statement"]) {
      const made = await carbon("export", subject, "--out", join(directory, "none.csv"));
      expect(made).toMatchObject({ code: 3, text: expect.stringContaining("--account") });
    }
    const args = ["--account", holder.account, "--filter", "from=2020-01-01", "--filter", "to=2035-01-01"];
    const made = await carbon("export", "cash-statement", "--out", join(directory, "money.csv"), ...args);
    expect(made).toMatchObject({ code: 0, text: expect.stringContaining("2 rows") });
  });
});

describe("the client", () => {
  it("should give moments and statements as files", async () => {
    const apiKey = auditor.authorization.replace("Bearer ", "");
    const client = createClient({ baseUrl: stage.url, apiKey });
    const holdings = await client.asOf.holdings.export({ format: "ndjson", block: before, batch: QUIET });
    expect(JSON.parse(await new Response(holdings.body).text())).toMatchObject({
      account: holder.account,
      tonnes: "70",
    });
    const span = { from: "2020-01-01", to: "2035-01-01" };
    const money = await client.cash.statementExport({ account: other.account, ...span, place: "exchange" });
    expect(await new Response(money.body).text()).toContain('"closing"');
    const statement = await client.accounts.statementExport(other.account, span);
    expect((await new Response(statement.body).text()).split("\r\n")).toHaveLength(5);
    expect(JSON.parse(new TextDecoder().decode((await client.exports.manifest(statement.id)).body))).toMatchObject({
      rows: "3",
    });
  });
});
