import { getAddress, ZeroAddress, ZeroHash, id } from "ethers";
import { afterAll, beforeAll, expect, it } from "vitest";

import { batchIdOf, encodeCode } from "../../../src/chain/codes.js";
import { createProjector } from "../../../src/ledger/projector.js";
import { findTransaction, listEvents } from "../../../src/ledger/read/chain.js";
import type { Page, PageRequest } from "../../../src/ledger/read/page.js";
import { listAccounts, listParticipants, listRoleGrants } from "../../../src/ledger/read/participants.js";
import {
  foreignBlockBefore,
  listBatches,
  listProjects,
  listStatements,
  statementIdBefore,
} from "../../../src/ledger/read/registry.js";
import { listCancellations, listRetirements } from "../../../src/ledger/read/retirements.js";
import { findHolding, listBlocks, listHoldings, listSerials, listTransfers } from "../../../src/ledger/read/units.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";
import { FAKE_ADDRESSES, FakeChain, fakeAccount, fakeLog, type FakeLog } from "../../support/fake-chain.js";
import { RecordingLogger } from "../../support/recording-logger.js";

const ID = batchIdOf("VN-1");
const ALICE = getAddress(fakeAccount(1));
const BOB = getAddress(fakeAccount(2));
const CAROL = getAddress(fakeAccount(3));
const TRANSFERS = 25;

function moved(from: string, to: string, start: number, end: number): FakeLog {
  return fakeLog("Units", "BlocksMoved", [ID, from, to, [[start, end]]]);
}

function retired(number: number, account: string, start: number, end: number, beneficiary: string): FakeLog[] {
  const order = [
    ID,
    end - start + 1,
    [[start, end]],
    beneficiary,
    "LEI1",
    ZeroHash,
    2,
    "",
    "",
    "0x4a50",
    1,
    0xffff_ffff,
  ];
  const time = 1_767_225_600 + number * 86_400;
  return [
    moved(account, ZeroAddress, start, end),
    fakeLog("Retirements", "Retired", [number, account, ID, 1, time, order]),
  ];
}

function admitted(number: number, account: string): FakeLog[] {
  return [
    fakeLog("Participants", "ParticipantAdmitted", [number, `040010197${number}`, number, 4_102_444_800, ZeroHash]),
    fakeLog("Participants", "AccountAdded", [number, account]),
  ];
}

describeEachDatabase("read model queries", (open) => {
  let database: TestDatabase;
  let firstTransfer: string;

  beforeAll(async () => {
    database = await open();
    const chain = new FakeChain();
    chain.mine(admitted(1, ALICE), admitted(2, BOB), admitted(3, CAROL));
    chain.mine([
      fakeLog("Participants", "ParticipantSuspended", [3, ZeroHash]),
      fakeLog("AccessManager", "RoleGranted", [1, BOB, 0, 1, true]),
    ]);
    chain.mine(
      [fakeLog("Registry", "ProjectListed", [encodeCode("P-1"), 1, 0, ZeroHash])],
      [
        fakeLog("Registry", "StatementRecorded", [id("a"), encodeCode("P-1"), BOB, 10, 20, 2n ** 64n - 1n, ZeroHash]),
        fakeLog("Registry", "StatementRecorded", [id("b"), encodeCode("P-1"), BOB, 30, 40, 5, ZeroHash]),
        fakeLog("Registry", "BatchIssued", [ID, encodeCode("P-1"), id("a"), 2024, 1000, ALICE, 0, ZeroAddress]),
        fakeLog("Registry", "ForeignBlockRecorded", [
          encodeCode("VCS"),
          encodeCode("1"),
          2n ** 63n,
          2n ** 63n + 999n,
          ID,
        ]),
        moved(ZeroAddress, ALICE, 1, 1000),
      ],
    );
    for (let i = 0; i < TRANSFERS; i++) chain.mine([moved(ALICE, i % 2 === 0 ? BOB : CAROL, 2 * i + 1, 2 * i + 1)]);
    chain.mine(
      retired(1, ALICE, 900, 909, "Da Nang Port"),
      retired(2, ALICE, 910, 910, "50% off"),
      retired(3, BOB, 1, 1, "da nang steel"),
    );
    const projector = createProjector({
      db: database.db,
      source: chain,
      contracts: FAKE_ADDRESSES,
      deployedAtBlock: 1n,
      logger: new RecordingLogger(),
    });
    await projector.catchUp();
    const { items } = await listTransfers(database.db, {}, { limit: 1 });
    firstTransfer = items[0]?.txHash ?? "";
  });

  afterAll(async () => {
    await database.close();
  });

  async function all<T>(read: (page: PageRequest) => Promise<Page<T>>, limit = 4): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const page = await read({ limit, cursor });
      expect(page.items.length).toBeLessThanOrEqual(limit);
      items.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    return items;
  }

  it("should give every row once, page by page", async () => {
    const { db } = database;
    const transfers = await all((page) => listTransfers(db, {}, page));
    expect(transfers).toHaveLength(TRANSFERS);
    expect(new Set(transfers.map((transfer) => transfer.id)).size).toBe(TRANSFERS);
    expect(transfers.map(({ blockNumber }) => blockNumber)).toEqual(transfers.map((_, i) => BigInt(3 + TRANSFERS - i)));
    const blocks = await all((page) => listBlocks(db, BOB, "VN-1", page));
    expect(blocks.map(({ start }) => start)).toEqual([5n, 9n, 13n, 17n, 21n, 25n, 29n, 33n, 37n, 41n, 45n, 49n]);
    expect(await all((page) => listSerials(db, "VN-1", page))).toHaveLength(53);
    expect((await all((page) => listEvents(db, {}, page), 7)).length).toBe(45);
    expect(await all((page) => listHoldings(db, {}, page), 1)).toHaveLength(3);
    expect((await all((page) => listParticipants(db, {}, page), 2)).map((participant) => participant.id)).toEqual([
      1, 2, 3,
    ]);
    expect((await all((page) => listAccounts(db, {}, page), 1)).map(({ address }) => address)).toEqual(
      [ALICE, BOB, CAROL].sort(),
    );
    expect((await all((page) => listRetirements(db, {}, page), 1)).map((retirement) => retirement.id)).toEqual([
      3n,
      2n,
      1n,
    ]);
    expect((await all((page) => listStatements(db, {}, page), 1)).map(({ periodStart }) => periodStart)).toEqual([
      "1970-01-11",
      "1970-01-31",
    ]);
    expect(await all((page) => listCancellations(db, { project: "P-1", minTonnes: 1n }, page), 1)).toEqual([]);
  });

  it("should end a list exactly at its last row", async () => {
    const page = await listTransfers(database.db, {}, { limit: TRANSFERS });
    expect(page.items).toHaveLength(TRANSFERS);
    expect(page.next).toBeNull();
  });

  it.each([
    ["no base64", "%%%"],
    ["no JSON", Buffer.from("[").toString("base64url")],
    ["another list's", Buffer.from('["1"]').toString("base64url")],
    ["no numbers", Buffer.from('["a","b"]').toString("base64url")],
    ["numbers too wide", Buffer.from('["9999999999999999999","1"]').toString("base64url")],
    ["numbers for text", Buffer.from("[1,2]").toString("base64url")],
    ["an object", Buffer.from("{}").toString("base64url")],
  ])("should refuse a cursor that is %s", async (_, cursor) => {
    const refusal = listTransfers(database.db, {}, { limit: 1, cursor });
    await expect(refusal).rejects.toMatchObject({ code: "cursor-invalid" });
  });

  it("should filter participants", async () => {
    const { db } = database;
    const ids = async (filter: Parameters<typeof listParticipants>[1]) =>
      (await listParticipants(db, filter, { limit: 9 })).items.map((participant) => participant.id);
    expect(await ids({ status: "suspended" })).toEqual([3]);
    expect(await ids({ capabilities: 2 })).toEqual([2, 3]);
    expect(await ids({ capabilities: 3 })).toEqual([3]);
    expect(await ids({ taxCode: "0400101972" })).toEqual([2]);
    expect((await listAccounts(db, { participantId: 2, status: "active" }, { limit: 9 })).items).toHaveLength(1);
    expect(await listRoleGrants(db)).toMatchObject([{ role: "1", account: BOB, delaySeconds: 0n, since: 1n }]);
  });

  it("should filter projects, batches, statements", async () => {
    const { db } = database;
    expect((await listProjects(db, { status: "listed", ownerId: 1 }, { limit: 9 })).items).toHaveLength(1);
    expect((await listProjects(db, { ownerId: 2 }, { limit: 9 })).items).toHaveLength(0);
    const foreignBlock = { programme: "VCS", series: "1", start: 2n ** 63n, end: 2n ** 63n + 999n };
    const batches = await listBatches(
      db,
      { programme: "VCS", project: "P-1", vintage: 2024, authorised: false },
      { limit: 9 },
    );
    expect(batches.items).toMatchObject([{ code: "VN-1", foreignBlock, retiredTonnes: 12n, heldTonnes: 988n }]);
    expect((await listBatches(db, { authorised: true }, { limit: 9 })).items).toHaveLength(0);
    expect((await listStatements(db, { verifier: BOB }, { limit: 1 })).items[0]?.verifiedTonnes).toBe(2n ** 64n - 1n);
    expect(await foreignBlockBefore(db, "VCS", "1", 2n ** 64n - 1n)).toBe(2n ** 63n);
    expect(await foreignBlockBefore(db, "VCS", "1", 5n)).toBe(0n);
    expect(await statementIdBefore(db, "P-1", 30n)).toBe(id("a"));
    expect(await statementIdBefore(db, "P-1", 10n)).toBeNull();
  });

  it("should filter holdings and transfers", async () => {
    const { db } = database;
    expect(await findHolding(db, BOB, "VN-1")).toEqual({
      account: BOB,
      participantId: 2,
      batch: "VN-1",
      tonnes: 12n,
      frozenTonnes: 0n,
    });
    expect(await findHolding(db, BOB, "VN-2")).toBeNull();
    expect((await listHoldings(db, { participantId: 3 }, { limit: 9 })).items.map(({ tonnes }) => tonnes)).toEqual([
      12n,
    ]);
    const count = async (filter: Parameters<typeof listTransfers>[1]) =>
      (await all((page) => listTransfers(db, filter, page), 9)).length;
    expect(await count({ account: ALICE })).toBe(25);
    expect(await count({ account: CAROL })).toBe(12);
    expect(await count({ participantId: 2 })).toBe(13);
    expect(await count({ batch: "VN-1", kind: "transfer", fromBlock: 5n, toBlock: 6n })).toBe(2);
    expect(await count({ kind: "forced" })).toBe(0);
    expect(await count({ fromDate: "2026-01-01", toDate: "2026-01-01" })).toBe(25);
    expect(await count({ toDate: "2025-12-31" })).toBe(0);
  });

  it("should filter retirements", async () => {
    const { db } = database;
    const ids = async (filter: Parameters<typeof listRetirements>[1]) =>
      (await listRetirements(db, filter, { limit: 9 })).items.map((retirement) => Number(retirement.id));
    expect(await ids({ beneficiary: "DA NANG" })).toEqual([3, 1]);
    expect(await ids({ beneficiary: "%" })).toEqual([2]);
    expect(await ids({ account: BOB, batch: "VN-1", project: "P-1", vintage: 2024 })).toEqual([3]);
    expect(await ids({ participantId: 1, purpose: "corsia", country: "JP", beneficiaryId: "LEI1" })).toEqual([3, 2, 1]);
    expect(await ids({ country: "VN" })).toEqual([]);
    expect(await ids({ minTonnes: 2n, maxTonnes: 2n ** 63n })).toEqual([1]);
    expect(await ids({ fromDate: "2026-01-03", toDate: "2026-01-03" })).toEqual([2]);
    const { items } = await listRetirements(db, { account: BOB }, { limit: 1 });
    expect(items[0]).toMatchObject({ consumptionPeriodStart: "1970-01-02", consumptionPeriodEnd: "day 4294967295" });
  });

  it("should find a transaction with its events", async () => {
    const { db } = database;
    const transaction = await findTransaction(db, firstTransfer);
    expect(transaction?.events.map(({ name }) => name)).toEqual(["BlocksMoved"]);
    expect(transaction?.block.number).toBe(28n);
    expect(await findTransaction(db, ZeroHash)).toBeNull();
    expect(
      (await listEvents(db, { contract: "Registry", name: "BatchIssued", fromBlock: 1n, toBlock: 3n }, { limit: 9 }))
        .items,
    ).toHaveLength(1);
    expect((await listEvents(db, { txHash: firstTransfer }, { limit: 9 })).items).toHaveLength(1);
  });
});
