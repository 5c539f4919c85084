import { getAddress, ZeroAddress, ZeroHash } from "ethers";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, it, describe } from "vitest";

import { batchIdOf, encodeCode } from "../../../src/chain/codes.js";
import { createProjector, type Advance, type Projector, type ProjectorOptions } from "../../../src/ledger/projector.js";
import { forgetChain, rebuildFromEvents } from "../../../src/ledger/rebuild.js";
import { stateHash } from "../../../src/ledger/state-hash.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";
import { FAKE_ADDRESSES, FakeChain, fakeAccount, fakeLog, type FakeLog } from "../../support/fake-chain.js";
import { RecordingLogger } from "../../support/recording-logger.js";

const BATCH = "VN-2024-001";
const ID = batchIdOf(BATCH);
/** Generous: other tests may have the processor. */
const POLL = { timeout: 20_000, interval: 10 };
const ALICE = getAddress(fakeAccount(1));
const BOB = getAddress(fakeAccount(2));

function moved(from: string, to: string, ...blocks: readonly (readonly [number, number])[]): FakeLog[] {
  const tonnes = blocks.reduce((sum, [start, end]) => sum + end - start + 1, 0);
  return [
    fakeLog("Units", "TransferSingle", [from, from, to, ID, tonnes]),
    fakeLog("Units", "BlocksMoved", [ID, from, to, blocks]),
  ];
}

function issued(tonnes: number): FakeLog[] {
  const issue = [ID, encodeCode("VN-P1"), ZeroHash, 2024, tonnes, ALICE, 0, ZeroAddress];
  return [fakeLog("Registry", "BatchIssued", issue), ...moved(ZeroAddress, ALICE, [1, tonnes])];
}

function retired(id: number, account: string, block: readonly [number, number]): FakeLog[] {
  const tonnes = block[1] - block[0] + 1;
  const order = [ID, tonnes, [block], "Danang Port", "0400101972", ZeroHash, 0, "footprint", "", "0x564e", 0, 0];
  return [
    ...moved(account, ZeroAddress, block),
    fakeLog("Retirements", "Retired", [id, account, ID, 1, 1_767_225_700, order]),
    fakeLog("Retirements", "Transfer", [ZeroAddress, account, id]),
    fakeLog("Retirements", "Locked", [id]),
  ];
}

describeEachDatabase("projector", (open) => {
  let database: TestDatabase;
  let chain: FakeChain;
  let logger: RecordingLogger;
  const projectors: Projector[] = [];

  function project(options: Partial<ProjectorOptions> = {}): Projector {
    const projector = createProjector({
      db: database.db,
      source: chain,
      contracts: FAKE_ADDRESSES,
      deployedAtBlock: 1n,
      intervalMs: 5,
      logger,
      ...options,
    });
    projectors.push(projector);
    return projector;
  }

  beforeEach(async () => {
    database = await open();
    chain = new FakeChain();
    logger = new RecordingLogger();
  });

  afterEach(async () => {
    for (const projector of projectors.splice(0)) await projector.stop();
    await database.close();
  });

  async function serials(): Promise<string[]> {
    const rows = await database.db.selectFrom("serial_blocks").selectAll().orderBy("start_serial").execute();
    const names = new Map([
      [ALICE, "alice"],
      [BOB, "bob"],
    ]);
    return rows.map((row) => `${row.start_serial}-${row.end_serial} ${row.state} ${names.get(row.account) ?? "?"}`);
  }

  async function holding(account: string): Promise<bigint | undefined> {
    const row = await database.db.selectFrom("holdings").selectAll().where("account", "=", account).executeTakeFirst();
    return row?.tonnes;
  }

  describe("when the chain grows", () => {
    it("should apply each block once, whatever the size of the steps", async () => {
      chain.mine(issued(1000));
      for (let i = 0; i < 20; i++) chain.mine(moved(ALICE, BOB, [1 + i * 10, 10 + i * 10]));
      chain.mine(retired(1, BOB, [1, 50]));

      const position = await project({ blocksPerStep: 3n }).catchUp();
      const small = await stateHash(database.db);
      await forgetChain(database.db);
      await project().catchUp();

      expect(position?.blockNumber).toBe(22n);
      expect(await stateHash(database.db)).toBe(small);
      expect(await serials()).toEqual(["1-50 retired bob", "51-200 held bob", "201-1000 held alice"]);
      expect(await holding(ALICE)).toBe(800n);
      expect(await holding(BOB)).toBe(150n);
    });

    it("should have the indexes of its readers at the end, and after a death on the way", async () => {
      const indexes = async (): Promise<string[]> => {
        const { rows } = await sql<{ definition: string }>`select indexdef as definition from pg_indexes
          where schemaname = current_schema() order by indexname`.execute(database.db);
        return rows.map(({ definition }) => definition);
      };
      const all = await indexes();
      chain.mine(issued(1000));
      for (let i = 0; i < 9; i++) chain.mine(moved(ALICE, BOB, [1 + i * 10, 10 + i * 10]));
      const first = project({ blocksPerStep: 2n });
      const death = new Promise<void>((resolve) => {
        first.onAdvance(({ position }) => {
          if (position.blockNumber === 4n) resolve(first.stop());
        });
      });
      first.start();
      await death;
      expect((await indexes()).length).toBeLessThan(all.length);
      expect((await project({ blocksPerStep: 2n }).catchUp())?.blockNumber).toBe(10n);
      expect(await indexes()).toEqual(all);
    });

    it("should wait for confirmations", async () => {
      chain.mine(issued(10));
      chain.mine();
      const projector = project({ confirmations: 2n });
      expect(await projector.catchUp()).toBeNull();
      chain.mine();
      expect((await projector.catchUp())?.blockNumber).toBe(1n);
    });

    it("should tell who waits for a block, and who listens", async () => {
      const projector = project();
      const advances: Advance[] = [];
      projector.onAdvance((advance) => advances.push(advance));
      projector.start();
      expect(await projector.waitForBlock(1n, 20)).toBe(false);
      const waiting = projector.waitForBlock(1n, 20_000);
      chain.mine(issued(10));
      projector.poke();
      expect(await waiting).toBe(true);
      expect(advances.at(-1)?.events.map(({ name }) => name)).toEqual(["BatchIssued", "TransferSingle", "BlocksMoved"]);
    });

    it("should share the work with another process exactly once", async () => {
      chain.mine(issued(1000));
      for (let i = 0; i < 30; i++) chain.mine(moved(ALICE, BOB, [1 + i, 1 + i]));
      const first = project({ blocksPerStep: 2n });
      const second = project({ blocksPerStep: 3n });
      await first.catchUp().catch(() => undefined);
      first.start();
      second.start();
      for (let i = 30; i < 60; i++) chain.mine(moved(ALICE, BOB, [1 + i, 1 + i]));
      expect(await second.waitForBlock(61n, 20_000)).toBe(true);
      expect(await first.waitForBlock(61n, 20_000)).toBe(true);
      expect(await holding(BOB)).toBe(60n);
    });
  });

  describe("when the chain is reorganised", () => {
    it("should go back to the common ancestor and read the new branch", async () => {
      chain.mine(issued(100));
      chain.mine(moved(ALICE, BOB, [1, 40]));
      chain.mine(retired(1, BOB, [1, 10]));
      const projector = project();
      const kinds: string[] = [];
      projector.onAdvance(({ kind, position }) => kinds.push(`${kind} ${position.blockNumber}`));
      await projector.catchUp();

      chain.drop(2);
      chain.mine(moved(ALICE, BOB, [91, 100]));
      chain.mine();
      chain.mine(retired(1, ALICE, [1, 5]));
      await projector.catchUp();

      expect(kinds).toEqual(["applied 3", "rolled-back 1", "applied 4"]);
      expect(await serials()).toEqual(["1-5 retired alice", "6-90 held alice", "91-100 held bob"]);
      const hash = await stateHash(database.db);
      await forgetChain(database.db);
      await project().catchUp();
      expect(await stateHash(database.db)).toBe(hash);
    });

    it("should notice a branch of the same height, and a shorter one", async () => {
      chain.mine(issued(100));
      chain.mine(moved(ALICE, BOB, [1, 40]));
      chain.mine();
      const projector = project();
      await projector.catchUp();
      chain.drop(1);
      chain.mine(moved(ALICE, BOB, [41, 41]));
      await projector.catchUp();
      expect(await holding(BOB)).toBe(41n);
      chain.drop(2);
      chain.mine(moved(ALICE, BOB, [7, 7]));
      await projector.catchUp();
      expect(await holding(BOB)).toBe(1n);
    });

    it("should not be misled by what it read ahead", async () => {
      chain.mine(issued(100));
      for (let i = 1; i <= 8; i++) chain.mine(moved(ALICE, BOB, [i, i]));
      let reads = 0;
      const logs: FakeChain["logs"] = async (...asked) => {
        const found = await chain.logs(...asked);
        // The second range has been read, and the first is still being written.
        if (++reads === 2) {
          chain.drop(7);
          chain.mine(moved(ALICE, BOB, [50, 59]));
        }
        return found;
      };
      const source = { head: () => chain.head(), headers: chain.headers.bind(chain), logs };
      const position = await project({ source, blocksPerStep: 2n }).catchUp();
      expect(reads).toBeGreaterThan(2);
      expect(position?.blockNumber).toBe(3n);
      expect(await serials()).toEqual(["1-1 held bob", "2-49 held alice", "50-59 held bob", "60-100 held alice"]);
    });

    it("should stay where it is when the node is only behind", async () => {
      chain.mine(issued(100));
      chain.mine();
      const projector = project();
      await projector.catchUp();
      chain.drop(1);
      expect((await projector.catchUp())?.blockNumber).toBe(2n);
    });

    it("should stop when it is another chain", async () => {
      chain.mine(issued(100));
      await project().catchUp();
      const other = new FakeChain("other");
      other.mine();
      other.mine();
      const projector = project({ source: other });
      projector.start();
      await expect.poll(() => projector.status().state, POLL).toBe("failed");
      expect(logger.count("error")).toBe(1);
      expect(await holding(ALICE)).toBe(100n);
    });
  });

  describe("when something is wrong", () => {
    it("should try again while the node is down, and warn", async () => {
      chain.mine(issued(100));
      chain.failure = new Error("down");
      const projector = project();
      projector.start();
      await expect.poll(() => projector.status().state, POLL).toBe("retrying");
      chain.failure = null;
      projector.poke();
      expect(await projector.waitForBlock(1n, 20_000)).toBe(true);
      await expect.poll(() => projector.status().state, POLL).toBe("following");
      expect(logger.count("warn")).toBeGreaterThan(0);
      expect(logger.count("error")).toBe(0);
    });

    it("should refuse an unknown event of its own contracts, and ignore other contracts", async () => {
      const unknown = { topics: [ZeroHash], data: "0x" };
      chain.mine([{ ...unknown, address: fakeAccount(9) }], issued(5));
      const projector = project();
      await projector.catchUp();
      chain.mine([{ ...unknown, address: FAKE_ADDRESSES.Units }]);
      await expect(projector.catchUp()).rejects.toThrow("Unreadable log of Units at block 2");
      expect(projector.position()?.blockNumber).toBe(1n);
    });

    it("should apply nothing of a range that contradicts itself", async () => {
      chain.mine(issued(5));
      const projector = project();
      await projector.catchUp();
      const before = await stateHash(database.db);
      chain.mine(moved(ALICE, BOB, [1, 2]));
      chain.mine(moved(ALICE, BOB, [2, 3]));
      await expect(projector.catchUp()).rejects.toThrow();
      expect(await stateHash(database.db)).toBe(before);
    });

    it("should refuse burnt serials without a record", async () => {
      chain.mine(issued(5), moved(ALICE, ZeroAddress, [1, 2]));
      await expect(project().catchUp()).rejects.toThrow("burnt without a record");
    });

    it("should refuse a read model of other contracts", async () => {
      chain.mine(issued(5));
      await project().catchUp();
      const contracts = { ...FAKE_ADDRESSES, Units: fakeAccount(77) };
      await expect(project({ contracts }).catchUp()).rejects.toThrow("other contracts");
    });
  });

  describe("when it is rebuilt", () => {
    it("should give the same rows from the stored events and from the chain", async () => {
      chain.mine(issued(5_000));
      for (let i = 0; i < 25; i++) {
        chain.mine(...Array.from({ length: 60 }, (_, j) => moved(ALICE, BOB, [1 + i * 60 + j, 1 + i * 60 + j])));
      }
      chain.mine(retired(1, BOB, [100, 200]));
      const projector = project({ blocksPerStep: 7n });
      await projector.catchUp();
      const before = await stateHash(database.db);

      await rebuildFromEvents(database.db);
      expect(await stateHash(database.db)).toBe(before);
      await forgetChain(database.db);
      expect(await stateHash(database.db)).not.toBe(before);
      await projector.catchUp();
      expect(await stateHash(database.db)).toBe(before);
    });
  });
});
