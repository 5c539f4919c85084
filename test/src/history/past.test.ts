import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  freshTerms,
  signedBody,
  startTestService,
  type SelfCustodyFirm,
  type TestService,
} from "../../support/service.js";

const WAIT = { prefer: "wait=20" };
const BATCH = "A-2023";

let stage: TestService;
let holder: SelfCustodyFirm;
let other: SelfCustodyFirm;
let auditor: { authorization: string };
let before: number;

beforeAll(async () => {
  stage = await startTestService();
  holder = await stage.firm();
  other = await stage.firm();
  auditor = await stage.keyOf({ scope: "auditor", label: "auditor" });
  await stage.ledger.issueBatch({ code: BATCH, project: "PROJECT-A", recipient: holder.account, tonnes: 1_000 });
  await stage.synced();
  before = await stage.ledger.ethers.provider.getBlockNumber();
  const intent = { ...freshTerms(holder.account), to: other.account, batch: BATCH, tonnes: "100", blocks: [] };
  const { body } = await signedBody("transfer", intent, holder.wallet, stage.domain);
  expect((await stage.post("/v1/transfers", body, WAIT)).body).toMatchObject({ status: "final" });
}, 60_000);
afterAll(() => stage.close());

const read = async (path: string, headers: Record<string, string> = auditor) =>
  (await stage.get(`/v1${path}`, headers)).body;

describe("GET /v1/as-of/…", () => {
  it("should show holdings as they were, and as they are", async () => {
    const past = await read(`/as-of/holdings?block=${before}&batch=${BATCH}`);
    expect(past.asOf.block).toBe(before);
    expect(past.items).toMatchObject([{ account: holder.account, tonnes: "1000" }]);
    const now = await read(`/as-of/holdings?batch=${BATCH}`);
    expect(new Map(now.items.map((item: { account: string; tonnes: string }) => [item.account, item.tonnes]))).toEqual(
      new Map([
        [holder.account, "900"],
        [other.account, "100"],
      ]),
    );
    const same = await read(`/as-of/holdings?batch=${BATCH}&at=${past.asOf.at.replace(".000", "")}`);
    expect(same.items).toEqual(past.items);
  });

  it("should give a firm its own only", async () => {
    const own = await read("/as-of/holdings", other.key);
    expect(own.items).toMatchObject([{ account: other.account, tonnes: "100" }]);
    expect(await read("/as-of/holdings", {})).toMatchObject({ code: "unauthorized" });
    expect(await read(`/as-of/positions?participantId=${holder.id}`, other.key)).toMatchObject({ code: "forbidden" });
  });

  it("should show supply, labels, participants and positions to whom they are for", async () => {
    expect((await read(`/as-of/supply?block=${before}`, {})).items).toMatchObject([
      { batch: BATCH, issuedTonnes: "1000", heldTonnes: "1000", retiredTonnes: "0" },
    ]);
    expect((await read("/as-of/labels", {})).items).toMatchObject([{ batch: BATCH, authorisationRevoked: false }]);
    expect((await read(`/as-of/participants?id=${holder.id}`, {})).items).toMatchObject([
      { id: holder.id, status: "active", accounts: [{ address: holder.account, status: "active" }] },
    ]);
    expect((await read("/as-of/positions")).items).toEqual([]);
  });

  it("should refuse what has not come yet, and two questions at once", async () => {
    expect(await read("/as-of/supply?block=99999999")).toMatchObject({ code: "as-of-future" });
    expect(await read("/as-of/supply?at=2999-01-01T00:00:00Z")).toMatchObject({ code: "as-of-future" });
    expect(await read("/as-of/supply?at=1999-01-01T00:00:00Z")).toMatchObject({ code: "as-of-too-early" });
    expect(await read("/as-of/supply?block=1&at=2020-01-01T00:00:00Z")).toMatchObject({ code: "validation-failed" });
  });
});

describe("GET /v1/accounts/{address}/statement", () => {
  it("should add up", async () => {
    const path = `/accounts/${holder.account}/statement?from=2020-01-01&to=2035-01-01`;
    const { batches, items } = await read(path, holder.key);
    expect(batches).toMatchObject([{ batch: BATCH, opening: "0", in: "1000", out: "100", closing: "900" }]);
    expect(items).toMatchObject([
      { kind: "issuance", tonnes: "1000", balance: "1000" },
      { kind: "transfer", tonnes: "-100", balance: "900", counterparty: other.account },
    ]);
    expect(await read(path, other.key)).toMatchObject({ code: "not-found" });
    expect(await read(path)).toMatchObject({ batches });
  });
});

describe("GET /v1/serials/{serial}", () => {
  it("should tell the life of a tonne, with accounts for those who may see them", async () => {
    const { steps, end } = await read(`/serials/${BATCH}:1`);
    expect(steps).toMatchObject([
      { kind: "issuance", from: null, to: holder.account },
      { kind: "transfer", from: holder.account, to: other.account, until: null },
    ]);
    expect(end).toMatchObject({ state: "held", account: other.account });
    const seenByAll = await read(`/serials/${BATCH}:1`, {});
    expect(seenByAll.steps).toMatchObject([
      { kind: "issuance", to: null },
      { kind: "transfer", from: null, to: null },
    ]);
    expect(seenByAll.end).toMatchObject({ state: "held", account: null, firm: null });
    const seenByOther = await read(`/serials/${BATCH}:1`, other.key);
    expect(seenByOther.steps).toMatchObject([{ to: null }, { from: null, to: other.account }]);
  });

  it("should not know a serial that never was", async () => {
    expect(await read(`/serials/${BATCH}:1001`)).toMatchObject({ code: "serial-unknown" });
    expect(await read(`/serials/NOPE:1`)).toMatchObject({ code: "serial-unknown" });
    expect(await read(`/serials/${BATCH}`)).toMatchObject({ code: "validation-failed" });
  });
});
