import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { CANCELLATION_REASONS, PURPOSES } from "../../../src/chain/event-types.js";
import { createProjector, type Projector } from "../../../src/ledger/projector.js";
import { forgetChain, rebuildFromEvents } from "../../../src/ledger/rebuild.js";
import { holdingsAt, momentOf, participantsAt, positionsAt, supplyAt } from "../../../src/ledger/read/as-of.js";
import { listHistory, readTotals, scanHistory } from "../../../src/ledger/read/history.js";
import { GROUPS, type HistoryFilter, type HistorySubject } from "../../../src/ledger/read/history-types.js";
import type { Page, PageRequest } from "../../../src/ledger/read/page.js";
import { serialLife } from "../../../src/ledger/read/serial-life.js";
import { unitStatement } from "../../../src/ledger/read/unit-statement.js";
import { wordsOf } from "../../../src/ledger/search-text.js";
import { stateHash } from "../../../src/ledger/state-hash.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";
import { FAKE_ADDRESSES } from "../../support/fake-chain.js";
import { BATCHES, EXCHANGE, FIRMS, RandomLedger, SERIALS, type ToldRecord } from "../../support/random-ledger.js";
import { RecordingLogger } from "../../support/recording-logger.js";

const ACTS = 160;
const GENESIS = 1_767_225_600n;
const DAY = 86_400n;
const NASTY = ["'", "%", "_", "\\", "' or true --", ":*", "a & b", "!", "(", "[a-z]*", "\u0000", "\uD800", "$1", "<->"];

describeEachDatabase("the ledger's memory", (open) => {
  let database: TestDatabase;
  let projector: Projector;
  const ledger = new RandomLedger(20_261);

  beforeAll(async () => {
    database = await open();
    for (let i = 0; i < ACTS; i++) ledger.act();
    projector = createProjector({
      db: database.db,
      source: ledger.chain,
      contracts: FAKE_ADDRESSES,
      deployedAtBlock: 1n,
      // So that a batch, an account and a record change in more than one range.
      blocksPerStep: 7n,
      logger: new RecordingLogger(),
    });
    await projector.catchUp();
  });

  afterAll(async () => {
    await projector.stop();
    await database.close();
  });

  async function all<T>(read: (page: PageRequest) => Promise<Page<T>>, limit = 3): Promise<T[]> {
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

  it("should have seen every kind of act", () => {
    expect(ledger.retirements.length).toBeGreaterThan(10);
    expect(ledger.cancellations.length).toBeGreaterThan(5);
    expect(ledger.transfers.length).toBeGreaterThan(20);
    expect(ledger.trades.length).toBeGreaterThan(2);
  });

  describe("as of a block", () => {
    it("should say of every block what was so after it", async () => {
      for (const [block, { tonnes, frozen, positions, supply }] of ledger.snapshots) {
        const moment = await momentOf(database.db, { block });
        expect(moment.timestamp).toBe(GENESIS + block * DAY);
        const keys = new Set([...tonnes.keys(), ...frozen.keys()]);
        const holdings = [...keys].sort().map((key) => [key, tonnes.get(key) ?? 0n, frozen.get(key) ?? 0n] as const);
        expect(
          (await all((page) => holdingsAt(database.db, moment, {}, page), 50)).map(
            (row) => [`${row.account} ${row.batch}`, row.tonnes, row.frozenTonnes] as const,
          ),
        ).toEqual(holdings.filter(([, held, kept]) => held > 0n || kept > 0n));
        const open = [...positions].sort(([a], [b]) => (a < b ? -1 : 1)).filter(([, amount]) => amount > 0n);
        const found = await all((page) => positionsAt(database.db, moment, {}, page), 50);
        expect(found.map((row) => [`${row.account} ${row.batch ?? ""}`, row.amount])).toEqual(open);
        for (const batch of await all((page) => supplyAt(database.db, moment, {}, page))) {
          const [retired, cancelled] = supply.get(batch.code) ?? [0n, 0n];
          expect([batch.retiredTonnes, batch.cancelledTonnes]).toEqual([retired, cancelled]);
          expect(batch.heldTonnes).toBe(BigInt(SERIALS) - retired - cancelled);
        }
      }
    });

    it("should page, and filter by account, batch and firm", async () => {
      const moment = await momentOf(database.db, {});
      const everything = await all((page) => holdingsAt(database.db, moment, {}, page), 200);
      expect(await all((page) => holdingsAt(database.db, moment, {}, page), 2)).toEqual(everything);
      const account = FIRMS[0] ?? "";
      const own = everything.filter((row) => row.account === account);
      expect(await all((page) => holdingsAt(database.db, moment, { account }, page))).toEqual(own);
      expect(await all((page) => holdingsAt(database.db, moment, { participantId: 1 }, page))).toEqual(own);
      const batch = BATCHES[0].code;
      expect(await all((page) => holdingsAt(database.db, moment, { batch }, page))).toEqual(
        everything.filter((row) => row.batch === batch),
      );
      const positions = await all((page) => positionsAt(database.db, moment, {}, page), 200);
      expect(await all((page) => positionsAt(database.db, moment, { participantId: 2, batch: "" }, page))).toEqual(
        positions.filter((row) => row.participantId === 2 && row.batch === null),
      );
      const supply = await all((page) => supplyAt(database.db, moment, { project: "VN-P1" }, page));
      expect(supply.map((row) => row.code)).toEqual(["VN-A-2023", "VN-A-2024"]);
    });

    it("should know the participants of a block, and their accounts", async () => {
      const first = await momentOf(database.db, { block: 1n });
      const found = await all((page) => participantsAt(database.db, first, {}, page));
      expect(found.map(({ id, accounts }) => [id, accounts])).toEqual(
        FIRMS.map((address, i) => [i + 1, [{ address, status: "active" }]]),
      );
      expect((await participantsAt(database.db, first, { id: 3 }, { limit: 5 })).items).toHaveLength(1);
    });

    it("should take an instant for the last block up to it, and refuse what has not come", async () => {
      const at = GENESIS + 9n * DAY + 5n;
      expect((await momentOf(database.db, { at })).blockNumber).toBe(9n);
      expect((await momentOf(database.db, {})).blockNumber).toBe(ledger.head);
      await expect(momentOf(database.db, { block: ledger.head + 1n })).rejects.toMatchObject({ code: "as-of-future" });
      await expect(momentOf(database.db, { at: 1n << 62n })).rejects.toMatchObject({ code: "as-of-future" });
      await expect(momentOf(database.db, { at: GENESIS + DAY - 1n })).rejects.toMatchObject({
        code: "as-of-too-early",
      });
      await expect(momentOf(database.db, { block: 0n })).rejects.toMatchObject({ code: "as-of-too-early" });
    });
  });

  describe("statements", () => {
    it("should add up for any account and span, and list every movement", async () => {
      for (let i = 0; i < 40; i++) {
        const account = [...FIRMS, EXCHANGE][ledger.random(5)] ?? "";
        const [from, to] = [ledger.random(ACTS), ledger.random(ACTS)].sort((a, b) => a - b).map(BigInt);
        const span = { account, from: GENESIS + (from ?? 0n) * DAY, to: GENESIS + (to ?? 0n) * DAY };
        const statement = await unitStatement(database.db, { ...span, limit: 500 });
        const before = ledger.snapshots.get(statement.fromBlock - 1n);
        const after = ledger.snapshots.get(statement.toBlock);
        for (const { batch, opening, closing, position, in: taken, out } of statement.batches) {
          const key = `${account} ${batch}`;
          expect(opening).toBe(before?.tonnes.get(key) ?? 0n);
          expect(closing).toBe(after?.tonnes.get(key) ?? 0n);
          expect(position.opening).toBe(before?.positions.get(key) ?? 0n);
          expect(position.closing).toBe(after?.positions.get(key) ?? 0n);
          const lines = statement.lines.items.filter((line) => line.batch === batch);
          expect(lines.reduce((sum, line) => sum + line.tonnes, 0n)).toBe(taken - out);
          if (lines.length > 0) expect(lines.at(-1)?.balance).toBe(closing);
        }
        const paged = await all(async (page) => (await unitStatement(database.db, { ...span, ...page })).lines);
        expect(paged).toEqual(statement.lines.items);
      }
    });
  });

  describe("the life of a serial", () => {
    it("should tell all that happened to it, from issuance on", async () => {
      for (const [key, told] of [...ledger.lives].filter((_, i) => i % 5 === 0)) {
        const [batch = "", serial = "0"] = key.split(" ");
        const life = await serialLife(database.db, batch, BigInt(serial), EXCHANGE);
        expect(life?.steps.map((step) => [step.blockNumber, step.from, step.to, step.kind])).toEqual(
          told.map((step) => [step.block, step.from, step.to, step.kind]),
        );
        expect(life?.steps.map((step) => step.until).slice(0, -1)).toEqual(
          life?.steps.slice(1).map((step) => step.since),
        );
        for (const [i, step] of (life?.steps ?? []).entries()) {
          const next = told[i + 1]?.block ?? ledger.head + 1n;
          const traded = ledger.trades.filter(
            (trade) => trade.batch.code === batch && trade.block > step.blockNumber && trade.block < next,
          );
          expect(step.trades).toEqual(step.to === EXCHANGE ? traded.map((trade) => `${trade.block}-0`) : []);
        }
        const last = told.at(-1);
        expect(life?.end.state).toBe(last?.to !== null ? "held" : last.kind === "retirement" ? "retired" : "cancelled");
      }
    });

    it("should not know a serial that never was", async () => {
      for (const serial of [0n, BigInt(SERIALS) + 1n, 1n << 40n, 1n << 70n]) {
        expect(await serialLife(database.db, BATCHES[0].code, serial, EXCHANGE)).toBeNull();
      }
      expect(await serialLife(database.db, "VN-NONE", 1n, EXCHANGE)).toBeNull();
    });
  });

  describe("histories", () => {
    const ids = async (subject: HistorySubject, filter: HistoryFilter): Promise<string[]> => {
      const [up, down] = (["oldest", "newest"] as const).map((sort) =>
        all(async (page) => await listHistory(database.db, subject, filter, sort, page)),
      );
      const oldest = ((await up) ?? []).map((row) => String(row.id));
      expect(((await down) ?? []).map((row) => String(row.id)).reverse()).toEqual(oldest);
      return oldest;
    };

    it("should find the retirements that a plain look finds", async () => {
      const { retirements } = ledger;
      const hasWord = (record: ToldRecord, word: string): boolean => wordsOf(record.name).includes(word);
      const cases: readonly (readonly [HistoryFilter, (record: ToldRecord) => boolean])[] = [
        [{}, () => true],
        [{ projects: ["VN-P2"] }, ({ batch }) => batch.project === "VN-P2"],
        [{ projects: [] }, () => false],
        [{ batch: "VN-A-2024", vintage: 2024 }, ({ batch }) => batch.code === "VN-A-2024"],
        [{ vintage: 2023 }, ({ batch }) => batch.vintage === 2023],
        [{ participantId: 1 }, ({ firm }) => firm === 1],
        [{ participantIds: [2, 3] }, ({ firm }) => firm === 2 || firm === 3],
        [{ account: FIRMS[1] }, ({ firm }) => firm === 2],
        [{ beneficiaryId: "ID1" }, (record) => record.beneficiaryId === "ID1"],
        [{ words: ["da", "nang"] }, (record) => hasWord(record, "nang")],
        [{ words: ["nang", "stee"] }, (record) => hasWord(record, "steel")],
        [{ words: ["because"] }, () => true],
        [{ beneficiaryWords: ["because"] }, () => false],
        [{ beneficiaryWords: ["electricite"] }, (record) => hasWord(record, "electricite")],
        [{ words: wordsOf("ĐƯỜNG") }, (record) => hasWord(record, "duong")],
        [{ words: [] }, () => false],
        [{ purpose: PURPOSES[1] }, ({ purpose }) => purpose === 1],
        [{ country: "VN", periodFrom: 200, periodTo: 100 }, () => true],
        [{ country: "FR" }, () => false],
        [{ periodFrom: 201 }, () => false],
        [{ minTonnes: 4n, maxTonnes: 9n }, ({ tonnes }) => tonnes >= 4n && tonnes <= 9n],
        [{ fromTime: GENESIS + 40n * DAY, toTime: GENESIS + 90n * DAY }, ({ block }) => block >= 40n && block <= 90n],
        [{ fromTime: 1n << 60n }, () => false],
        [{ toTime: 5n }, () => false],
        [{ upToBlock: 70n }, ({ block }) => block <= 70n],
        [
          { serial: { batch: "VN-B-2024", number: 60n } },
          ({ batch, serials: [start, end] }) => batch.code === "VN-B-2024" && start <= 60 && end >= 60,
        ],
        [{ reason: "error" }, () => false],
      ];
      for (const [filter, fits] of cases) {
        const expected = retirements.filter(fits).map((record) => String(record.id));
        expect([filter, await ids("retirements", filter)]).toEqual([filter, expected]);
      }
    });

    it("should order retirements by tonnes", async () => {
      const found = await all((page) => listHistory(database.db, "retirements", {}, "-tonnes", page));
      const told = [...ledger.retirements].sort((a, b) => Number(b.tonnes - a.tonnes || b.id - a.id));
      expect(found.map((row) => row.id)).toEqual(told.map((record) => record.id));
      const least = await all((page) => listHistory(database.db, "retirements", {}, "tonnes", page));
      expect(least.map((row) => row.id)).toEqual(told.map((record) => record.id).reverse());
    });

    it("should find cancellations, transfers and trades likewise", async () => {
      const { cancellations, transfers, trades } = ledger;
      expect(await ids("cancellations", { reason: CANCELLATION_REASONS[2], participantId: 1 })).toEqual(
        cancellations.filter((one) => one.purpose === 2 && one.firm === 1).map((one) => String(one.id)),
      );
      const [account = "", counterparty = ""] = FIRMS;
      const blocks = async (subject: HistorySubject, filter: HistoryFilter) =>
        (await ids(subject, filter)).map((text) => BigInt(text.split("-")[0] ?? ""));
      const between = (a: string, b: string): boolean =>
        (a === account && b === counterparty) || (a === counterparty && b === account);
      expect(await blocks("transfers", { account, counterparty })).toEqual(
        transfers.filter(({ from, to }) => between(from, to)).map(({ block }) => block),
      );
      expect(await blocks("transfers", { kind: "forced", vintage: 2024 })).toEqual(
        transfers.filter((one) => one.kind === "forced" && one.batch.vintage === 2024).map(({ block }) => block),
      );
      expect(await blocks("trades", { participantId: 2, projects: ["VN-P1", "VN-P2"] })).toEqual(
        trades.filter(({ buyer, seller }) => [buyer, seller].includes(FIRMS[1] ?? "")).map(({ block }) => block),
      );
      const moves = (ledger.lives.get("VN-A-2023 50") ?? []).filter(({ from, to }) => from !== null && to !== null);
      expect(await blocks("transfers", { serial: { batch: "VN-A-2023", number: 50n } })).toEqual(
        moves.map(({ block }) => block),
      );
    });

    it("should read all of it in parts, up to a block", async () => {
      const found: bigint[] = [];
      for await (const rows of scanHistory(database.db, "transfers", { upToBlock: 100n }, 4)) {
        found.push(...rows.map((row) => row.blockNumber));
      }
      expect(found).toEqual(ledger.transfers.map(({ block }) => block).filter((block) => block <= 100n));
    });

    it("should take no character for more than itself", async () => {
      for (const text of NASTY) {
        const texts: HistoryFilter[] = [
          { words: [text] },
          { words: wordsOf(text) },
          { beneficiaryWords: [text] },
          { beneficiaryId: text },
          { country: text },
          { batch: text },
          { projects: [text] },
          { account: text },
          { counterparty: text },
          { serial: { batch: text, number: 1n } },
        ];
        for (const subject of ["retirements", "transfers", "trades", "issuances"] as const) {
          for (const filter of texts) {
            const found = await listHistory(database.db, subject, filter, "newest", { limit: 5 });
            if (!("words" in filter)) expect(found.items).toEqual([]);
          }
        }
      }
      expect(
        (await listHistory(database.db, "retirements", { vintage: 2 ** 33 }, "newest", { limit: 5 })).items,
      ).toEqual([]);
    });
  });

  describe("totals", () => {
    it("should be the same from the counters as from the records", async () => {
      const months = { fromTime: 1_769_904_000n, toTime: 1_775_001_599n };
      for (const [subject, groups] of Object.entries(GROUPS) as [HistorySubject, typeof GROUPS.trades][]) {
        for (const groupBy of groups) {
          const filters: HistoryFilter[] = [
            {},
            months,
            { projects: ["VN-P1"] },
            { vintage: 2024 },
            { participantId: 1 },
          ];
          for (const filter of filters) {
            const counted = await readTotals(database.db, subject, filter, groupBy);
            const summed = await readTotals(database.db, subject, { ...filter, upToBlock: ledger.head }, groupBy);
            expect([subject, groupBy, filter, counted]).toEqual([subject, groupBy, filter, summed]);
          }
        }
      }
    });

    it("should be the sums of what happened", async () => {
      const sum = (list: readonly { readonly tonnes: bigint }[]) => list.reduce((total, one) => total + one.tonnes, 0n);
      for (const subject of ["retirements", "cancellations", "transfers", "trades"] as const) {
        const [total] = await readTotals(database.db, subject, {}, "none");
        const value = ledger.trades.reduce((all, { tonnes, price }) => all + tonnes * price, 0n);
        expect(total).toEqual({
          key: "",
          records: BigInt(ledger[subject].length),
          tonnes: sum(ledger[subject]),
          value: subject === "trades" ? value : null,
        });
      }
      const byMonth = await readTotals(database.db, "retirements", {}, "month");
      expect(byMonth.length).toBeGreaterThan(3);
      expect(byMonth.every(({ key }) => /^2026-\d\d$/.test(key))).toBe(true);
      expect(sum(byMonth)).toBe(sum(ledger.retirements));
    });
  });

  describe("when it is derived again", () => {
    it("should be the same rows from the events, from the chain, and after a reorganisation", async () => {
      const before = await stateHash(database.db);
      await rebuildFromEvents(database.db);
      expect(await stateHash(database.db)).toBe(before);

      ledger.chain.drop(40);
      for (let i = 0; i < 41; i++) ledger.chain.mine();
      await projector.catchUp();
      const reorganised = await stateHash(database.db);
      expect(reorganised).not.toBe(before);
      await forgetChain(database.db);
      await projector.catchUp();
      expect(await stateHash(database.db)).toBe(reorganised);

      const head = ledger.head - 40n;
      const kept = ledger.transfers.filter(({ block }) => block <= head);
      const [total] = await readTotals(database.db, "transfers", {}, "none");
      expect(total?.records).toBe(BigInt(kept.length));
      const moment = await momentOf(database.db, {});
      const holdings = await all((page) => holdingsAt(database.db, moment, {}, page), 200);
      const tonnes = ledger.snapshots.get(head)?.tonnes ?? new Map<string, bigint>();
      expect(
        holdings.filter((row) => row.tonnes > 0n).map((row) => [`${row.account} ${row.batch}`, row.tonnes]),
      ).toEqual([...tonnes].sort(([a], [b]) => (a < b ? -1 : 1)).filter(([, held]) => held > 0n));
    });
  });
});
