import { afterAll, beforeAll, expect, it } from "vitest";

import { createExports } from "../../../src/exports/service.js";
import { createDirectory } from "../../../src/history/names.js";
import { pastExportRoutes } from "../../../src/history/past-export-routes.js";
import { createPast, type WholeStatement } from "../../../src/history/past-service.js";
import { readStatement } from "../../../src/ledger/read/cash-statement.js";
import { dayText } from "../../../src/ledger/read/days.js";
import { createProjector, type Projector } from "../../../src/ledger/projector.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";
import { FAKE_ADDRESSES } from "../../support/fake-chain.js";
import { serveRoutes, type TestServer } from "../../support/http.js";
import { BATCHES, EXCHANGE, FIRMS, RandomLedger, SERIALS } from "../../support/random-ledger.js";
import { RecordingLogger } from "../../support/recording-logger.js";

const ACTS = 60;
const GENESIS_DAY = 1_767_225_600n / 86_400n;
const KEY = { authorization: "Bearer all" };

type Row = Readonly<Record<string, string | null>>;

describeEachDatabase("files of a ledger that moves while they are read", (open) => {
  const ledger = new RandomLedger(77);
  let database: TestDatabase;
  let projector: Projector;
  let server: TestServer;

  beforeAll(async () => {
    database = await open();
    const { db } = database;
    for (let act = 0; act < ACTS; act++) ledger.act();
    projector = createProjector({
      db,
      source: ledger.chain,
      contracts: FAKE_ADDRESSES,
      deployedAtBlock: 1n,
      logger: new RecordingLogger(),
    });
    await projector.catchUp();
    const past = createPast({ db, directory: createDirectory(db, () => projector.position()), exchange: EXCHANGE });
    const exports = createExports({
      db,
      domain: { chainId: "31337", contract: `0x${"11".repeat(20)}` },
      service: { address: `0x${"22".repeat(20)}`, signDigest: async () => `0x${"33".repeat(65)}` },
      logger: { warn: () => undefined },
    });
    const moving = {
      ...past,
      holdings: async (...asked: Parameters<typeof past.holdings>) => await moved(past.holdings(...asked)),
      positions: async (...asked: Parameters<typeof past.positions>) => await moved(past.positions(...asked)),
      supply: async (...asked: Parameters<typeof past.supply>) => await moved(past.supply(...asked)),
      wholeStatement: async (...asked: Parameters<typeof past.wholeStatement>) =>
        slowly(await past.wholeStatement(...asked)),
      wholeCashStatement: async (...asked: Parameters<typeof past.wholeCashStatement>) =>
        slowly(await past.wholeCashStatement(...asked)),
    };
    server = await serveRoutes(pastExportRoutes({ past: moving, exports, rowsAtOnce: 2 }), {
      findKey: async () => ({
        ...{ kind: "key", keyId: "all", scope: "admin", participantId: null, role: null, account: null },
      }),
    });
  });
  afterAll(async () => {
    await server.close();
    await projector.stop();
    await database.close();
  });

  /** Something happens after each part that was read. */
  async function moved<Part>(reading: Promise<Part>): Promise<Part> {
    const part = await reading;
    ledger.act();
    await projector.catchUp();
    return part;
  }

  function slowly<Entry>({ moment, pages }: WholeStatement<Entry>): WholeStatement<Entry> {
    const slow = async function* () {
      for await (const page of pages) yield await moved(Promise.resolve(page));
    };
    return { moment, pages: slow() };
  }

  async function rowsOf(path: string): Promise<Row[]> {
    const { status, text } = await server.get(`/v1${path}`, KEY);
    expect(status, text).toBe(200);
    return text
      .trimEnd()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Row);
  }

  it("should have the rows of one block, none twice and none left out", async () => {
    for (const block of [20n, 45n, ledger.head]) {
      const { tonnes, frozen, positions, supply } = ledger.snapshots.get(block)!;
      const held = await rowsOf(`/as-of/holdings/export?format=ndjson&block=${block}`);
      const keys = [...new Set([...tonnes.keys(), ...frozen.keys()])].sort();
      expect(held.map((row) => [`${row["account"]} ${row["batch"]}`, row["tonnes"], row["frozenTonnes"]])).toEqual(
        keys
          .map((key) => [key, String(tonnes.get(key) ?? 0n), String(frozen.get(key) ?? 0n)])
          .filter(([, one, other]) => one !== "0" || other !== "0"),
      );
      expect(held.length).toBeGreaterThan(4);
      const owed = await rowsOf(`/as-of/positions/export?format=ndjson&block=${block}`);
      expect(owed.map((row) => [`${row["account"]} ${row["batch"] ?? ""}`, row["amount"]])).toEqual(
        [...positions]
          .filter(([, amount]) => amount > 0n)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, amount]) => [key, String(amount)]),
      );
      const batches = await rowsOf(`/as-of/supply/export?format=ndjson&block=${block}`);
      expect(batches.map((row) => row["batch"])).toEqual(BATCHES.map(({ code }) => code).sort());
      for (const row of batches) {
        const [retired, cancelled] = supply.get(row["batch"] ?? "") ?? [0n, 0n];
        expect([row["retiredTonnes"], row["cancelledTonnes"]]).toEqual([String(retired), String(cancelled)]);
        expect(row["heldTonnes"]).toBe(String(BigInt(SERIALS) - retired - cancelled));
      }
    }
  });

  it("should have statements that add up, from what was held to what was held", async () => {
    const [first, last] = [15n, 50n];
    const [from, to] = [dayText(GENESIS_DAY + first), dayText(GENESIS_DAY + last)];
    const [before, after] = [ledger.snapshots.get(first - 1n)!.tonnes, ledger.snapshots.get(last)!.tonnes];
    let movements = 0;
    for (const account of FIRMS) {
      const rows = await rowsOf(`/accounts/${account}/statement/export?format=ndjson&from=${from}&to=${to}`);
      for (const { code } of BATCHES) {
        const own = rows.filter((row) => row["batch"] === code);
        const sum = own.reduce((total, row) => total + BigInt(row["tonnes"] ?? "0"), 0n);
        const [opening = 0n, closing = 0n] = [before.get(`${account} ${code}`), after.get(`${account} ${code}`)];
        if (own.length === 0) {
          expect([opening, closing]).toEqual([0n, 0n]);
          continue;
        }
        expect([own[0]?.["kind"], own[0]?.["balance"]]).toEqual(["opening", String(opening)]);
        expect([own.at(-1)?.["kind"], own.at(-1)?.["balance"]]).toEqual(["closing", String(closing)]);
        expect(opening + sum).toBe(closing);
        movements += own.length - 2;
      }
    }
    expect(movements).toBeGreaterThan(20);
  });

  it("should have statements of money that add up, as those in one piece do", async () => {
    const [first, last] = [15n, 50n];
    const [from, to] = [dayText(GENESIS_DAY + first), dayText(GENESIS_DAY + last)];
    const [before, after] = [ledger.snapshots.get(first - 1n)!.positions, ledger.snapshots.get(last)!.positions];
    let movements = 0;
    for (const account of FIRMS) {
      for (const place of ["exchange", "account"] as const) {
        const query = `format=ndjson&account=${account}&place=${place}&from=${from}&to=${to}`;
        const [opening, ...rest] = await rowsOf(`/cash/statement/export?${query}`);
        const closing = rest.pop();
        expect([opening?.["kind"], closing?.["kind"]]).toEqual(["opening", "closing"]);
        const request = { account, place, from, to, exchange: EXCHANGE, limit: 1_000 };
        const whole = await readStatement(database.db, request);
        expect([opening?.["balance"], closing?.["balance"]]).toEqual([String(whole?.opening), String(whole?.closing)]);
        expect(rest.map((row) => [row["id"], row["kind"], row["amount"], row["balance"]])).toEqual(
          whole?.movements.map(({ id, kind, amount, balance }) => [id, kind, String(amount), String(balance)]),
        );
        movements += rest.length;
        if (place === "account") continue;
        const [had = 0n, has = 0n] = [before.get(`${account} `), after.get(`${account} `)];
        expect([opening?.["balance"], closing?.["balance"]]).toEqual([String(had), String(has)]);
      }
    }
    expect(movements).toBeGreaterThan(3);
  });
});
