import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { id, ZeroAddress, ZeroHash } from "ethers";
import { describe, expect, it } from "vitest";

import { Findings } from "../../../src/audit/findings.js";
import { HistoryFiles } from "../../../src/audit/history-files.js";
import { difference } from "../../../src/audit/holding-findings.js";
import { LedgerState } from "../../../src/audit/ledger-state.js";
import { readSnapshot, writeSnapshot } from "../../../src/audit/snapshot.js";
import { batchIdOf, encodeCode } from "../../../src/chain/codes.js";
import { createEventDecoder } from "../../../src/chain/events.js";
import { FAKE_ADDRESSES, FakeChain, fakeAccount, fakeLog, type FakeLog } from "../../support/fake-chain.js";

const BATCH = "VN-1-2024";
const BATCH_ID = batchIdOf(BATCH);
const [A, B] = [fakeAccount(1), fakeAccount(2)];
const { Exchange, SettlementCash } = FAKE_ADDRESSES;

type Range = readonly [start: bigint, end: bigint];

function moved(from: string, to: string, ...ranges: Range[]): FakeLog[] {
  const tonnes = ranges.reduce((sum, [start, end]) => sum + end - start + 1n, 0n);
  const blocks = ranges.map(([start, end]) => ({ start, end }));
  return [
    fakeLog("Units", "TransferSingle", [A, from, to, BATCH_ID, tonnes]),
    fakeLog("Units", "BlocksMoved", [BATCH_ID, from, to, blocks]),
  ];
}

function issued(to: string, tonnes: bigint): FakeLog[] {
  const issue = [BATCH_ID, encodeCode("VN-P1"), id("statement"), 2024, tonnes, to, 0n, ZeroAddress];
  return [...moved(ZeroAddress, to, [1n, tonnes]), fakeLog("Registry", "BatchIssued", issue)];
}

function retired(number: bigint, account: string, ...ranges: Range[]): FakeLog {
  const tonnes = ranges.reduce((sum, [start, end]) => sum + end - start + 1n, 0n);
  const blocks = ranges.map(([start, end]) => ({ start, end }));
  const who = ["Port", "1", ZeroHash, 0, "", "", "0x0000", 0, 0];
  const order = [BATCH_ID, tonnes, blocks, ...who];
  return fakeLog("Retirements", "Retired", [number, account, BATCH_ID, 1, 1_767_225_600n, order]);
}

/** Each list is a transaction, in a block of its own. */
async function read(...transactions: FakeLog[][]) {
  const chain = new FakeChain();
  for (const logs of transactions) chain.mine(logs);
  const findings = new Findings();
  const state = new LedgerState(Exchange, findings, null);
  const decode = createEventDecoder(FAKE_ADDRESSES);
  const logs = await chain.logs(0n, BigInt(transactions.length), Object.values(FAKE_ADDRESSES));
  for (const log of logs) state.apply(decode(log)!);
  state.endTransaction();
  return { state, findings, kinds: findings.kept.map(({ kind, block }) => `${kind} ${block}`) };
}

const money = (from: string, to: string, amount: bigint) => fakeLog("SettlementCash", "Transfer", [from, to, amount]);
const minted = (to: string, amount: bigint) => [
  money(ZeroAddress, to, amount),
  fakeLog("SettlementCash", "Minted", [to, amount, id("reference"), A]),
];
const FOREIGN = [encodeCode("VCS"), encodeCode("13488")];

describe("logs that contradict themselves", () => {
  it.each<[string, FakeLog[][], string[]]>([
    ["nothing wrong", [issued(A, 100n), moved(A, B, [1n, 10n])], []],
    ["an issue that the registry knows nothing of", [moved(ZeroAddress, A, [1n, 9n])], ["thin-air 1"]],
    ["an issue of serials that are there", [issued(A, 9n), issued(B, 9n)], ["serial-overlap 2"]],
    [
      "a transfer of what the sender has not",
      [issued(A, 9n), moved(B, A, [1n, 2n])],
      ["balance 2", "serial-not-held 2"],
    ],
    ["an amount without serial blocks", [issued(A, 9n), moved(A, B, [1n, 2n]).slice(0, 1)], ["blocks 2"]],
    ["serial blocks without an amount", [issued(A, 9n), moved(A, B, [1n, 2n]).slice(1)], ["blocks 2"]],
    ["a burn without a record", [issued(A, 9n), moved(A, ZeroAddress, [1n, 2n])], ["serial-lost 2"]],
    ["a record without a burn", [issued(A, 9n), [retired(1n, A, [1n, 2n])]], ["double-count 2"]],
    [
      "a record that is left out",
      [issued(A, 9n), [...moved(A, ZeroAddress, [1n, 2n]), retired(2n, A, [1n, 2n])]],
      ["record-count 2"],
    ],
    ["money that nobody minted", [minted(A, 5n), [money(ZeroAddress, B, 1n)]], ["thin-air 2"]],
    ["money that nobody paid out", [minted(A, 5n), [money(A, ZeroAddress, 1n)]], ["cash-supply 2"]],
    ["money that the payer has not", [minted(A, 5n), [money(B, A, 1n)]], ["cash-balance 2"]],
    ["money that the exchange credits to nobody", [minted(A, 5n), [money(A, Exchange, 2n)]], ["owed 2"]],
    ["a credit that nobody paid", [minted(A, 5n), [fakeLog("Exchange", "CashDeposited", [A, 2n])]], ["owed 2"]],
    [
      "a withdrawal of more than there is",
      [minted(A, 5n), [money(Exchange, A, 2n), fakeLog("Exchange", "CashWithdrawn", [A, 2n])]],
      ["cash-balance 2", "position 2"],
    ],
    [
      "serials of another registry that come twice",
      [
        [fakeLog("Registry", "ForeignBlockRecorded", [...FOREIGN, 10n, 20n, BATCH_ID])],
        [fakeLog("Registry", "ForeignBlockRecorded", [...FOREIGN, 21n, 30n, BATCH_ID])],
        [fakeLog("Registry", "ForeignBlockRecorded", [...FOREIGN, 15n, 15n, BATCH_ID])],
      ],
      ["foreign-overlap 3"],
    ],
  ])("given %s, it should say so, and where", async (_what, transactions, expected) => {
    expect((await read(...transactions)).kinds).toEqual(expected);
  });
});

describe("the state of an audit", () => {
  const back = (count: number) =>
    Array.from({ length: count }, (_, i) => (i % 2 === 0 ? moved(A, B, [3n, 7n]) : moved(B, A, [3n, 7n])));

  it("should grow with what there is, not with what was", async () => {
    const rowsAfter = async (count: number) => [...(await read(issued(A, 100n), ...back(count))).state.rows()];
    expect(await rowsAfter(2_000)).toEqual(await rowsAfter(20));
  });

  it("given a snapshot, it should be as it was", async () => {
    const retirement = [...moved(A, ZeroAddress, [1n, 2n]), retired(1n, A, [1n, 2n])];
    const deposit = [money(A, Exchange, 30n), fakeLog("Exchange", "CashDeposited", [A, 30n])];
    const request = [fakeLog("Exchange", "CashWithdrawalRequested", [A, 5n, 5n, 1_800_000_000])];
    const frozen = [fakeLog("Units", "Frozen", [B, BATCH_ID, 4n])];
    const foreign = [fakeLog("Registry", "ForeignBlockRecorded", [...FOREIGN, 10n, 20n, BATCH_ID])];
    const acts = [issued(A, 100n), ...back(3), retirement, minted(A, 50n), deposit, request, frozen, foreign];
    const { state } = await read(...acts);
    const directory = await mkdtemp(join(tmpdir(), "audit-"));
    try {
      const head = {
        chainId: "1",
        contracts: {},
        fromBlock: "0",
        block: "9",
        blockHash: ZeroHash,
        events: 9,
        files: {},
      };
      await writeSnapshot(directory, { ...head, discrepancies: [], discrepancyCount: 0 }, state.rows());
      const snapshot = await readSnapshot(directory);
      expect(snapshot?.head).toMatchObject(head);
      const restored = new LedgerState(Exchange, new Findings(), null);
      restored.restore(snapshot!.rows);
      expect([...restored.rows()]).toEqual([...state.rows()]);
      expect(restored.cash.balances.get(SettlementCash)).toBe(0n);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("given files that went on after the snapshot, it should cut them off; given shorter ones, refuse", async () => {
    const directory = await mkdtemp(join(tmpdir(), "audit-"));
    try {
      const files = await HistoryFiles.open(directory, {});
      const order = id("order");
      files.fill(order, 5n, 1n);
      files.record("retired", 1n, id("record"), 1n);
      const lengths = await files.flush();
      files.fill(order, 7n, 2n);
      files.fill(id("another"), 1n, 3n);
      await files.flush();
      const fillsOf = async (from: HistoryFiles) => {
        const all = new Map<string, unknown>();
        for await (const fills of from.fills()) for (const [hash, fill] of fills) all.set(hash, fill);
        return all;
      };
      expect((await fillsOf(files)).get(order)).toEqual({ tonnes: 12n, block: 2n });
      const again = await HistoryFiles.open(directory, lengths);
      expect([...(await fillsOf(again))]).toEqual([[order, { tonnes: 5n, block: 1n }]]);
      for await (const records of again.records("retired"))
        expect(records).toEqual([{ id: 1n, hash: id("record"), block: 1n }]);
      await expect(HistoryFiles.open(directory, { deals: 48 })).rejects.toThrow("shorter than it was");
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe("the difference of serial blocks", () => {
  const serials = fc.uniqueArray(fc.integer({ min: 1, max: 40 })).map((list) => list.sort((a, b) => a - b));
  const rangesOf = (list: readonly number[]) => list.map((n) => ({ start: BigInt(n), end: BigInt(n) }));
  const joined = (list: readonly number[]) => {
    const ranges: { start: bigint; end: bigint }[] = [];
    for (const { start, end } of rangesOf(list)) {
      const last = ranges.at(-1);
      if (last?.end === start - 1n) last.end = end;
      else ranges.push({ start, end });
    }
    return ranges;
  };

  it("should be that of the sets", () => {
    fc.assert(
      fc.property(serials, serials, (these, those) => {
        const found: number[] = [];
        for (const { start, end } of difference(joined(these), joined(those)))
          for (let serial = start; serial <= end; serial++) found.push(Number(serial));
        expect(found).toEqual(these.filter((serial) => !those.includes(serial)));
      }),
    );
  });
});
