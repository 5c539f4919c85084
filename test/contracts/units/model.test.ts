import { expect, it, describe } from "vitest";
import hre from "hardhat";

import type { SerialBlocksHarness } from "../../../types/ethers-contracts/index.js";

const { ethers } = await hre.network.create({
  override: { blockGasLimit: 1_000_000_000, allowUnlimitedContractSize: true },
});

const HOLDERS = 5;
const RETIRED = HOLDERS;
const MERGE_WINDOW = 32;

type Block = { start: number; end: number };

/** The plainest account of who holds what: one owner for each serial number. */
class PlainModel {
  readonly owners: (number | undefined)[] = [];

  ownsAll(owner: number, { start, end }: Block): boolean {
    for (let serial = start; serial <= end; serial++) if (this.owners[serial] !== owner) return false;
    return true;
  }

  give(owner: number, { start, end }: Block): void {
    for (let serial = start; serial <= end; serial++) this.owners[serial] = owner;
  }

  tonnesOf(owner: number): number {
    return this.owners.reduce<number>((sum, each) => (each === owner ? sum + 1 : sum), 0);
  }

  /** The maximal blocks of one owner, ascending. */
  blocksOf(owner: number): Block[] {
    const blocks: Block[] = [];
    for (let serial = 1; serial < this.owners.length; serial++) {
      if (this.owners[serial] !== owner) continue;
      const last = blocks.at(-1);
      if (last?.end === serial - 1) last.end = serial;
      else blocks.push({ start: serial, end: serial });
    }
    return blocks;
  }
}

type Operation = { kind: string; from: number; to: number; blocks: Block[] };

const KINDS = ["Issue", "MoveAny", "MoveNamed", "RetireAny", "RetireNamed", "Refused", "Merge"];

/** The words of an ABI-encoded `uint256[]`. Read by hand: the general decoder takes longer than the chain. */
function wordsOf(data: string): bigint[] {
  const words: bigint[] = [];
  for (let at = 2 + 2 * 64; at < data.length; at += 64) words.push(BigInt(`0x${data.slice(at, at + 64)}`));
  return words;
}

function readJournal(words: readonly bigint[]): Operation[] {
  const operations: Operation[] = [];
  for (let i = 0; i < words.length;) {
    const head = Number(words[i++]);
    const count = head >> 24;
    const blocks = words.slice(i, i + count).map((word) => ({
      start: Number(word & 0xff_ffff_ffffn),
      end: Number(word >> 40n),
    }));
    i += count;
    operations.push({ kind: KINDS[head & 0xff] ?? "", from: (head >> 8) & 0xff, to: (head >> 16) & 0xff, blocks });
  }
  return operations;
}

/** Repeats one operation on the model; what it says must have been possible. */
function apply(model: PlainModel, { kind, from, to, blocks }: Operation, maximal: boolean): void {
  if (kind === "Refused") {
    // Named blocks that overlap each other cannot all be held: the model takes them one by one too.
    const kept = new Map<number, number>();
    const allOwned = blocks.every((block) => {
      const owned = model.ownsAll(from, block);
      if (owned) for (let s = block.start; s <= block.end; s++) kept.set(s, (kept.get(s) ?? 0) + 1);
      return owned;
    });
    const disjoint = [...kept.values()].every((times) => times === 1);
    if (maximal && allOwned && disjoint) throw new Error(`refused though held: ${JSON.stringify(blocks)}`);
    return;
  }
  for (const block of blocks) {
    if (kind === "Merge") {
      if (!model.ownsAll(from, block)) throw new Error(`merged across owners: ${JSON.stringify(block)}`);
      continue;
    }
    if (kind === "Issue") {
      for (let s = block.start; s <= block.end; s++) if (model.owners[s] !== undefined) throw new Error("issued twice");
    } else if (!model.ownsAll(from, block)) {
      throw new Error(`moved by ${kind} but not held by ${from}: ${JSON.stringify(block)}`);
    }
    model.give(kind.startsWith("Retire") ? RETIRED : to, block);
  }
}

function expectDisjoint(blocks: readonly Block[]): void {
  for (const [i, block] of blocks.entries()) {
    const previous = blocks[i - 1];
    if (previous !== undefined) expect(block.start).toBeGreaterThan(previous.end);
    expect(block.end).toBeGreaterThanOrEqual(block.start);
  }
}

function joinAdjacent(blocks: readonly Block[]): Block[] {
  const joined: Block[] = [];
  for (const block of blocks) {
    const last = joined.at(-1);
    if (last?.end === block.start - 1) last.end = block.end;
    else joined.push({ ...block });
  }
  return joined;
}

async function compare(harness: SerialBlocksHarness, model: PlainModel, maximal: boolean): Promise<number> {
  let longestList = 0;
  for (let holder = 0; holder < HOLDERS; holder++) {
    const listed = (await harness.blocksOf(holder)).map(({ start, end }) => ({
      start: Number(start),
      end: Number(end),
    }));
    const sorted = listed.toSorted((a, b) => a.start - b.start);
    expectDisjoint(sorted);
    expect(maximal ? sorted : joinAdjacent(sorted)).toEqual(model.blocksOf(holder));
    expect(await harness.tonnesOf(holder)).toBe(BigInt(model.tonnesOf(holder)));
    longestList = Math.max(longestList, listed.length);
  }
  return longestList;
}

type Case = { calls: number; operations: number; liveTonnes: number; longest: number; maximal: boolean };

/** @returns how often each kind of operation ran, and the longest list that was seen */
async function runCase(seed: number, { calls, operations, liveTonnes, longest, maximal }: Case) {
  const harness = await ethers.deployContract("SerialBlocksHarness");
  const model = new PlainModel();
  const tally = new Map<string, number>();
  let longestList = 0;
  for (let call = 0; call < calls; call++) {
    const sent = await harness.run(seed * 1_000_000 + call, operations, liveTonnes, longest, { gasLimit: 900_000_000 });
    const receipt = await sent.wait();
    for (const operation of readJournal(wordsOf(receipt!.logs[0]!.data))) {
      tally.set(operation.kind, (tally.get(operation.kind) ?? 0) + 1);
      apply(model, operation, maximal);
    }
    longestList = Math.max(longestList, await compare(harness, model, maximal));
  }
  return { tally, longestList };
}

describe("INV-2 serial blocks against a model with one owner for each serial number", () => {
  // Many more operations, checked one by one, run in Solidity (contracts/test/SerialBlocks.t.sol), where they are quicker.
  it("given lists within the merge window, it should keep them equal to the model and maximal over 8,000 operations", async () => {
    const { tally, longestList } = await runCase(1, {
      calls: 80,
      operations: 100,
      liveTonnes: 30,
      longest: 12,
      maximal: true,
    });

    expect(longestList).toBeLessThanOrEqual(MERGE_WINDOW);
    expect([...tally.values()].reduce((a, b) => a + b)).toBe(8_000);
    for (const kind of KINDS) expect(tally.get(kind), kind).toBeGreaterThan(5);
  });

  it("given lists far longer than the merge window, it should keep them equal to the model over 2,000 operations", async () => {
    const { tally, longestList } = await runCase(2, {
      calls: 20,
      operations: 100,
      liveTonnes: 700,
      longest: 60,
      maximal: false,
    });

    expect(longestList).toBeGreaterThan(2 * MERGE_WINDOW);
    expect([...tally.values()].reduce((a, b) => a + b)).toBe(2_000);
    for (const kind of KINDS) expect(tally.get(kind), kind).toBeGreaterThan(5);
  });
});
