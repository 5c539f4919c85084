import { id, ZeroHash } from "ethers";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, it } from "vitest";

import { decodeCode, encodeCode } from "../../../src/chain/codes.js";
import { signedIntentItem } from "../../../src/chain/intent-payload.js";
import { intentDomain, signIntent, type RetirementOrder } from "../../../src/chain/intents.js";
import { createLedgerReader } from "../../../src/chain/ledger-reader.js";
import { eventSources, firstBlockOf } from "../../../src/chain/manifest.js";
import { createProjector, type Projector } from "../../../src/ledger/projector.js";
import { rebuildFromEvents } from "../../../src/ledger/rebuild.js";
import { createReconciler, type Reconciler } from "../../../src/ledger/reconciler.js";
import { holdingsAt, momentOf } from "../../../src/ledger/read/as-of.js";
import { listHistory, readTotals as readHistoryTotals } from "../../../src/ledger/read/history.js";
import { serialLife } from "../../../src/ledger/read/serial-life.js";
import { findSerial, listTransfers, readTotals } from "../../../src/ledger/read/units.js";
import { findBatch, listIssuances } from "../../../src/ledger/read/registry.js";
import { findRetirement, listCancellations, listRetirements } from "../../../src/ledger/read/retirements.js";
import { findIntent } from "../../../src/ledger/read/chain.js";
import { stateHash } from "../../../src/ledger/state-hash.js";
import { sourceOf } from "../../support/chain-source.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";
import { deployTestLedger, type TestLedger } from "../../support/ledger.js";
import { RecordingLogger } from "../../support/recording-logger.js";

const CODE = "VN-2024-001";

describeEachDatabase("read model of a real chain", (open) => {
  let ledger: TestLedger;
  let database: TestDatabase;
  let projector: Projector;
  let reconciler: Reconciler;
  let batch: bigint;
  const logger = new RecordingLogger();
  const hashes: { intent: string } = { intent: "" };

  beforeAll(async () => {
    ledger = await deployTestLedger();
    database = await open();
    const contracts = eventSources(ledger.manifest);
    projector = createProjector({
      db: database.db,
      source: sourceOf(ledger.ethers.provider),
      contracts,
      deployedAtBlock: BigInt(firstBlockOf(ledger.manifest)),
      logger,
      registry: new Registry(),
    });
    reconciler = createReconciler({
      db: database.db,
      reader: createLedgerReader(ledger.ethers.provider, contracts),
      logger,
    });
    batch = await play();
    await projector.catchUp();
  });

  afterAll(async () => {
    await reconciler.stop();
    await database.close();
  });

  function firm(n: number) {
    const signer = ledger.firms[n];
    if (signer === undefined) throw new RangeError(`no firm ${n}`);
    return signer;
  }

  function order(tonnes: bigint, changes: Partial<RetirementOrder> = {}): RetirementOrder {
    return {
      batchId: batch,
      tonnes,
      blocks: [],
      beneficiary: "Cảng Đà Nẵng",
      beneficiaryId: "0400101972",
      beneficiaryCommitment: ZeroHash,
      purpose: 0,
      reason: "2025 footprint",
      details: "",
      consumptionCountry: "0x564e",
      consumptionPeriodStart: 20_089,
      consumptionPeriodEnd: 20_453,
      ...changes,
    };
  }

  /** Every kind of act once, at least. */
  async function play(): Promise<bigint> {
    const { participants, registry, units, retirements, intents, parts, access } = ledger;
    for (const n of [0, 1, 2, 3]) await ledger.admit(null, firm(n));
    await registry.connect(parts.admin).setBufferAccount(firm(3));
    await ledger.registerProject("VN-P1", 1n, 1_000);
    batch = await ledger.issueBatch({ project: "VN-P1", code: CODE, tonnes: 10_000, recipient: firm(0) });
    const foreignBlock = {
      programme: encodeCode("VCS"),
      series: encodeCode("13488"),
      start: 505_972_385n,
      end: 505_973_109n,
    };
    await ledger.issueBatch({
      project: "VN-P1",
      code: "VN-IMPORT",
      tonnes: 725,
      vintage: 2023,
      recipient: firm(0),
      foreignBlock,
    });
    await rejectOne();
    await registry.authoriseBatch(batch, 2, 1, id("authorisation"));

    await units.connect(firm(0)).transfer(firm(0), firm(1), batch, 500, []);
    await units.connect(firm(0)).transfer(firm(0), firm(1), batch, 30, [{ start: 1001, end: 1030 }]);
    await units.connect(firm(1)).transfer(firm(1), firm(2), batch, 520, []);
    await units.connect(firm(0)).safeBatchTransferFrom(firm(0), firm(2), [batch, batch], [7, 8], "0x");
    await relay();
    await retirements.connect(firm(2)).retire(firm(2), order(40n, { beneficiary: "Zero\u0000byte 100%_\\" }));
    await retirements
      .connect(firm(2))
      .cancel(firm(2), { batchId: batch, tonnes: 5, blocks: [], reason: 2, details: "moved" });

    await units.setFrozenTokens(firm(1), batch, 1_000_000n);
    await units.setFrozenTokens(firm(3), 12_345n, 1n);
    await units.connect(parts.enforcement).forcedTransfer(firm(1), firm(0), batch, 3);
    await participants.connect(parts.compliance1).proposeReplacement(firm(1), firm(4));
    await participants.connect(parts.compliance2).approveReplacement(firm(1), firm(4));
    await units.recover(firm(1), batch);
    await participants.connect(parts.compliance1).suspend(3n, id("decision"));
    await participants.addAccount(1n, firm(5));
    await participants.removeAccount(1n, firm(5));
    await participants.update(1n, 7, 4_102_444_800, id("new record"));
    await registry.connect(parts.compliance1).revokeAuthorisation(batch, id("why"));
    await registry.setProjectStatus(encodeCode("VN-P1"), 5);
    await units.connect(parts.guardian).pauseBatch(batch);
    await units.connect(parts.guardian).pause();
    await units.connect(parts.compliance1).unpause();
    await access.connect(parts.admin).revokeRole(5, parts.bank1);
    await intents.connect(firm(0)).revoke(99);
    return batch;
  }

  async function rejectOne(): Promise<void> {
    const { registry } = ledger;
    const [statementId] = await statementIds();
    const issuance = ledger.issuanceOf(statementId ?? "", { code: "VN-REJECTED", tonnes: 10, recipient: firm(0) });
    await registry.proposeIssuance(issuance);
    await registry.rejectIssuance(issuance, id("no"));
    await registry.proposeIssuance(
      ledger.issuanceOf(statementId ?? "", { code: "VN-PENDING", tonnes: 11, recipient: firm(0) }),
    );
  }

  async function statementIds(): Promise<string[]> {
    const found = await ledger.registry.queryFilter(ledger.registry.filters.StatementRecorded());
    return found.filter(({ args }) => decodeCode(args.projectCode) === "VN-P1").map(({ args }) => args.statementId);
  }

  /** Two transfers, a retirement, a cancellation and a revocation in one transaction, and one that fails. */
  async function relay(): Promise<void> {
    const domain = intentDomain(ledger.chainId, ledger.addresses.Intents);
    const account = firm(0).address;
    const deadline = 4_102_444_800n;
    const transfer = { account, to: firm(1).address, batchId: batch, tonnes: 4n, blocks: [], nonce: 1n, deadline };
    const second = { ...transfer, nonce: 2n, blocks: [{ start: 2001n, end: 2004n }] };
    const tooMuch = { ...transfer, nonce: 3n, tonnes: 1n << 60n };
    const retirement = { account, order: order(12n), nonce: 4n, deadline };
    const cancellation = {
      account,
      order: { batchId: batch, tonnes: 2n, blocks: [], reason: 0, details: "" },
      nonce: 5n,
      deadline,
    };
    const revocation = { account, revokedNonce: 77n, nonce: 6n, deadline };
    const sign = async (kind: Parameters<typeof signIntent>[1], intent: never) =>
      signedIntentItem(kind, intent, await signIntent(firm(0), kind, intent, domain));
    const items = [
      await sign("transfer", transfer as never),
      await sign("transfer", second as never),
      await sign("transfer", tooMuch as never),
      await sign("retirement", retirement as never),
      await sign("cancellation", cancellation as never),
      await sign("revocation", revocation as never),
    ];
    await ledger.intents.executeBatch(items, 800_000n);
    hashes.intent = await ledger.intents.hashTransfer(second);
  }

  it("should agree with the chain in everything that can be asked", async () => {
    const { differences, compared } = await reconciler.run();
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(40);
  });

  it("should give the same rows when rebuilt from the events, and from the chain", async () => {
    const before = await stateHash(database.db);
    await rebuildFromEvents(database.db);
    expect(await stateHash(database.db)).toBe(before);
  });

  it("should conserve the tonnes, INV-1", async () => {
    const totals = await readTotals(database.db);
    expect(totals.issuedTonnes).toBe(10_725n);
    expect(totals.issuedTonnes).toBe(totals.heldTonnes + totals.retiredTonnes + totals.cancelledTonnes);
    expect(totals).toMatchObject({
      retiredTonnes: 52n,
      cancelledTonnes: 7n,
      paused: false,
      bufferAccount: firm(3).address,
    });
  });

  it("should know each transfer by its kind and its intent", async () => {
    const { items } = await listTransfers(database.db, {}, { limit: 50 });
    expect(items.filter(({ kind }) => kind === "forced")).toHaveLength(1);
    expect(items.filter(({ kind }) => kind === "recovery")).toHaveLength(1);
    const relayed = items.filter(({ intentHash }) => intentHash !== null);
    expect(relayed).toHaveLength(2);
    expect(relayed.find(({ intentHash }) => intentHash === hashes.intent)?.blocks).toEqual([
      { start: 2001n, end: 2004n },
    ]);
    expect((await findIntent(database.db, hashes.intent))?.kind).toBe("transfer");
  });

  it("should keep the records, with the hash that the contract stores", async () => {
    const { items } = await listRetirements(database.db, { beneficiary: "cảng" }, { limit: 10 });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      beneficiary: "Cảng Đà Nẵng",
      consumptionCountry: "VN",
      consumptionPeriodStart: "2025-01-01",
      consumptionPeriodEnd: "2025-12-31",
      purpose: "voluntary",
      recordHash: await ledger.retirements.retirementHash(items[0]?.id ?? 0n),
    });
    expect(items[0]?.intentHash).not.toBeNull();
    // What no text column can hold is shown as a replacement character; the hash is of the bytes on the chain.
    const odd = (await listRetirements(database.db, { beneficiary: "100%_\\" }, { limit: 10 })).items;
    expect(odd.map(({ beneficiary }) => beneficiary)).toEqual(["Zero\ufffdbyte 100%_\\"]);
    const cancellations = await listCancellations(database.db, { account: firm(2).address }, { limit: 10 });
    expect(cancellations.items.map(({ reason, details }) => [reason, details])).toEqual([["registry-move", "moved"]]);
  });

  it("should find any serial", async () => {
    const retirement = await findRetirement(database.db, 1n);
    const serial = retirement?.blocks[0]?.start ?? 0n;
    expect(await findSerial(database.db, CODE, serial)).toMatchObject({
      state: "retired",
      recordId: 1n,
      account: firm(0).address,
    });
    expect(await findSerial(database.db, CODE, 9_500n)).toMatchObject({ state: "held", account: firm(3).address });
    expect(await findSerial(database.db, CODE, 10_001n)).toBeNull();
  });

  it("should keep issuances and batches with their labels", async () => {
    const { items } = await listIssuances(database.db, { project: "VN-P1" }, { limit: 10 });
    expect(items.map(({ batch: code, status }) => [code, status])).toEqual([
      [CODE, "approved"],
      ["VN-IMPORT", "approved"],
      ["VN-REJECTED", "rejected"],
      ["VN-PENDING", "proposed"],
    ]);
    expect(await findBatch(database.db, CODE)).toMatchObject({
      bufferTonnes: 1_000n,
      authorisations: 0,
      authorisationRevoked: true,
      firstTransfer: "authorisation",
      paused: true,
      foreignBlock: null,
    });
    const foreignBlock = { programme: "VCS", series: "13488", start: 505_972_385n, end: 505_973_109n };
    expect(await findBatch(database.db, "VN-IMPORT")).toMatchObject({ foreignBlock });
  });

  it("should remember what was so, and what happened to each tonne", async () => {
    const { db } = database;
    const issued = await listHistory(db, "issuances", {}, "oldest", { limit: 10 });
    expect(issued.items.map(({ batch: code, participantId }) => [code, participantId])).toEqual([
      [CODE, 1],
      ["VN-IMPORT", 1],
    ]);
    const [everything] = await readHistoryTotals(db, "issuances", {}, "none");
    expect(everything).toMatchObject({ records: 2n, tonnes: 10_725n });
    const kinds = await readHistoryTotals(db, "transfers", {}, "kind");
    expect(kinds).toEqual(await readHistoryTotals(db, "transfers", { minTonnes: 0n }, "kind"));
    const moment = await momentOf(db, { block: issued.items[0]?.decidedBlock ?? 0n });
    expect(
      (await holdingsAt(db, moment, {}, { limit: 9 })).items.map(({ account, tonnes }) => [account, tonnes]),
    ).toEqual(
      [
        [firm(0).address, 9_000n],
        [firm(3).address, 1_000n],
      ].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    );
    const retirement = await findRetirement(db, 1n);
    const life = await serialLife(
      db,
      CODE,
      retirement?.blocks[0]?.start ?? 0n,
      ledger.manifest.contracts.Exchange?.address ?? "",
    );
    expect(life?.steps.map(({ kind }) => kind)).toEqual(["issuance", "retirement"]);
    expect(life?.end).toMatchObject({ state: "retired", recordId: 1n });
    expect(life?.issued.issuanceId).toBe(issued.items[0]?.id);
  });

  it("should report what was changed behind its back", async () => {
    const before = await stateHash(database.db);
    await database.db.updateTable("holdings").set({ tonnes: 1n }).where("account", "=", firm(0).address).execute();
    await database.db.deleteFrom("holdings").where("account", "=", firm(2).address).execute();
    const { differences } = await reconciler.run();
    expect(new Set(differences.map(({ what }) => what))).toEqual(new Set(["holding", "sums", "blocks"]));
    expect(logger.count("error")).toBe(1);

    await rebuildFromEvents(database.db);
    expect(await stateHash(database.db)).toBe(before);
    expect((await reconciler.run()).differences).toEqual([]);
  });
});
