import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { SerialState } from "../../../src/db/read-model-tables.js";
import { unitRuns, type UnitRun } from "../../../src/reports/unit-runs.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";

const BATCH = "VN-1";
const BUFFER = "0xbuffer";

describeEachDatabase("runs of units", (open) => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await open();
    await record(1n);
  });
  afterEach(() => database.close());

  async function record(id: bigint): Promise<void> {
    const common = { id, batch_code: BATCH, tonnes: 1n, blocks: "[]", account: "0xa", participant_id: 1, details: "" };
    const place = { record_hash: "0x", intent_hash: null, block_number: id, log_index: 0, tx_hash: "0x" };
    const told = { project_code: "P", vintage: 2024, month: 202_401, search: "" };
    await database.db
      .insertInto("retirements")
      .values({
        ...{ ...common, ...place, ...told, beneficiary: "B", beneficiary_id: "", beneficiary_commitment: null },
        ...{ purpose: "voluntary", reason: "", consumption_country: null, retired_at: 1n },
        ...{ consumption_period_start: null, consumption_period_end: null },
      })
      .execute();
    await database.db
      .insertInto("cancellations")
      .values({ ...common, ...place, ...told, reason: "error", cancelled_at: 1n })
      .execute();
  }

  /** Blocks of the given lengths, side by side from serial 1 on. @returns the last serial */
  async function fill(blocks: readonly { length: number; state: SerialState; account: string }[]): Promise<bigint> {
    await database.db.deleteFrom("serial_blocks").execute();
    let end = 0n;
    const rows = blocks.map(({ length, state, account }) => {
      const start_serial = end + 1n;
      end += BigInt(length);
      const record_id = state === "held" ? null : 1n;
      return { batch_code: BATCH, start_serial, end_serial: end, state, account, record_id };
    });
    for (let from = 0; from < rows.length; from += 1_000)
      await database.db
        .insertInto("serial_blocks")
        .values(rows.slice(from, from + 1_000))
        .execute();
    return end;
  }

  async function all(issuedTonnes: bigint, between: () => Promise<void> = async () => undefined): Promise<UnitRun[]> {
    const runs: UnitRun[] = [];
    for await (const some of unitRuns(database.db, { code: BATCH, issuedTonnes }, BUFFER)) {
      runs.push(...some);
      await between();
    }
    return runs;
  }

  function expectOnce(runs: readonly UnitRun[], last: bigint): void {
    let next = 1n;
    for (const { start, end } of runs) {
      expect(start).toBe(next);
      expect(end).toBeGreaterThanOrEqual(start);
      next = end + 1n;
    }
    expect(next).toBe(last + 1n);
  }

  it("should tell each serial once, whatever the blocks, and join what has the same fate", async () => {
    const block = fc.record({
      length: fc.integer({ min: 1, max: 9 }),
      state: fc.constantFrom<SerialState>("held", "retired", "cancelled"),
      account: fc.constantFrom("0xa", "0xb", BUFFER),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(block, { minLength: 1, maxLength: 40 }), async (blocks) => {
        const last = await fill(blocks);
        const runs = await all(last);
        expectOnce(runs, last);
        for (const [n, run] of runs.entries()) expect(runs[n + 1]?.status).not.toBe(run.status);
        const held = blocks.filter(({ state, account }) => state === "held" && account !== BUFFER);
        const told = runs.filter(({ status }) => status === "Held");
        expect(told.reduce((sum, { start, end }) => sum + Number(end - start) + 1, 0)).toBe(
          held.reduce((sum, { length }) => sum + length, 0),
        );
      }),
      { numRuns: 30 },
    );
  });

  it("should go on where it was over more than one page", async () => {
    const blocks = Array.from({ length: 5_001 }, (_, n) => ({ length: 2, state: fate(n), account: "0xa" }));
    const last = await fill(blocks);
    const runs = await all(last);
    expectOnce(runs, last);
    expect(runs).toHaveLength(5_001);
  });

  it("given that blocks change between the pages, it should still tell each serial once", async () => {
    const blocks = Array.from({ length: 5_000 }, (_, n) => ({ length: 2, state: fate(n), account: "0xa" }));
    const last = await fill(blocks);
    let round = 0;
    const runs = await all(last, async () => {
      round += 1;
      // Everything becomes one block, then pairs that do not fit those before.
      if (round === 1) await fill([{ length: 4_500, state: "held", account: "0xb" }, ...pairs(5_500)]);
    });
    expect(round).toBeGreaterThan(1);
    expectOnce(runs, last);
  });

  it("should tell nothing of a batch that has no blocks", async () => {
    await database.db.deleteFrom("serial_blocks").execute();
    expect(await all(10n)).toEqual([]);
  });
});

const fate = (n: number): SerialState => (n % 2 === 0 ? "held" : "retired");

function pairs(tonnes: number) {
  return [
    { length: 1, state: "held" as const, account: "0xc" },
    ...Array.from({ length: Math.floor(tonnes / 2) - 1 }, (_, n) => ({ length: 2, state: fate(n), account: "0xa" })),
    { length: 1, state: "held" as const, account: "0xc" },
  ];
}
