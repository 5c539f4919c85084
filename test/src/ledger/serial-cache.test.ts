import fc from "fast-check";
import { getAddress, ZeroAddress, ZeroHash } from "ethers";
import { expect, it } from "vitest";

import { batchIdOf, encodeCode } from "../../../src/chain/codes.js";
import { createProjector } from "../../../src/ledger/projector.js";
import { forgetChain, rebuildFromEvents } from "../../../src/ledger/rebuild.js";
import { stateHash } from "../../../src/ledger/state-hash.js";
import { describeEachDatabase } from "../../support/database.js";
import { FAKE_ADDRESSES, FakeChain, fakeAccount, fakeLog, type FakeLog } from "../../support/fake-chain.js";
import { RecordingLogger } from "../../support/recording-logger.js";

const SERIALS = 80;
const ID = batchIdOf("VN-1");
const ACCOUNTS = [1, 2, 3].map((n) => getAddress(fakeAccount(n)));

/** One owner per serial, as `state account record`. */
type Model = string[];

function moved(from: string, to: string, start: number, end: number): FakeLog {
  return fakeLog("Units", "BlocksMoved", [ID, from, to, [[start, end]]]);
}

function recorded(number: number, isCancelled: boolean, account: string, start: number, end: number): FakeLog {
  const [tonnes, blocks] = [end - start + 1, [[start, end]]];
  if (isCancelled) return fakeLog("Retirements", "Cancelled", [number, account, ID, 1, 5, [ID, tonnes, blocks, 0, ""]]);
  const order = [ID, tonnes, blocks, "B", "", ZeroHash, 0, "", "", "0x0000", 0, 0];
  return fakeLog("Retirements", "Retired", [number, account, ID, 1, 5, order]);
}

/** Picks a block inside what one account holds, moves or burns it, and does the same in the model. */
function play(model: Model, step: { at: number; length: number; to: number }, records: { count: number }): FakeLog[] {
  const owner = model[step.at] ?? "";
  const [state, from = ""] = owner.split(" ");
  if (state !== "held") return [];
  let end = step.at;
  while (end + 1 < SERIALS && end - step.at + 1 < step.length && model[end + 1] === owner) end++;
  const to = ACCOUNTS[step.to];
  if (to !== undefined) {
    model.fill(`held ${to} null`, step.at, end + 1);
    return [moved(from, to, step.at + 1, end + 1)];
  }
  const number = ++records.count;
  const isCancelled = step.to === ACCOUNTS.length;
  model.fill(`${isCancelled ? "cancelled" : "retired"} ${from} ${number}`, step.at, end + 1);
  return [moved(from, ZeroAddress, step.at + 1, end + 1), recorded(number, isCancelled, from, step.at + 1, end + 1)];
}

describeEachDatabase("serial blocks in the read model", (open) => {
  it("should follow a list of one owner per serial, whatever the steps, INV-2", async () => {
    const database = await open();
    const { db } = database;
    const step = fc.record({
      at: fc.integer({ min: 0, max: SERIALS - 1 }),
      length: fc.integer({ min: 1, max: 20 }),
      to: fc
        .integer({ min: 0, max: ACCOUNTS.length + 1 })
        .chain((to) => (to < 3 ? fc.constant(to) : fc.constantFrom(0, 1, 2, to))),
      newBlock: fc.boolean(),
    });
    const runs = fc.record({
      steps: fc.array(step, { minLength: 20, maxLength: 80 }),
      blocksPerStep: fc.integer({ min: 1, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(runs, async ({ steps, blocksPerStep }) => {
        await forgetChain(db);
        const chain = new FakeChain();
        const [first = ""] = ACCOUNTS;
        const issue = [ID, encodeCode("P"), ZeroHash, 2024, SERIALS, first, 0, ZeroAddress];
        chain.mine([fakeLog("Registry", "BatchIssued", issue), moved(ZeroAddress, first, 1, SERIALS)]);
        const model: Model = Array.from({ length: SERIALS }, () => `held ${first} null`);
        const records = { count: 0 };
        const pending: FakeLog[][] = [];
        for (const each of steps) {
          pending.push(play(model, each, records));
          if (each.newBlock) chain.mine(...pending.splice(0));
        }
        chain.mine(...pending);
        const projector = createProjector({
          db,
          source: chain,
          contracts: FAKE_ADDRESSES,
          deployedAtBlock: 1n,
          blocksPerStep: BigInt(blocksPerStep),
          logger: new RecordingLogger(),
        });
        await projector.catchUp();

        const rows = await db.selectFrom("serial_blocks").selectAll().orderBy("start_serial").execute();
        const found: Model = [];
        for (const { state, account, record_id, start_serial, end_serial } of rows) {
          const owner = `${state} ${account} ${record_id}`;
          expect(found.at(-1)).not.toBe(owner);
          for (let serial = start_serial; serial <= end_serial; serial++) found.push(owner);
        }
        expect(found).toEqual(model);
        const before = await stateHash(db);
        await rebuildFromEvents(db);
        expect(await stateHash(db)).toBe(before);
      }),
      { numRuns: 8 },
    );
    await database.close();
  });
});
