import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { keccak256 } from "ethers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { AuditVerdict } from "../../../src/audit/verdict.js";
import { codeOfBatchId } from "../../../src/chain/codes.js";
import { runCli } from "../../../src/cli/run.js";
import { playEverything, retirementOf, startAuditStage, type AuditStage } from "../../support/audit.js";

let stage: AuditStage;

beforeAll(async () => {
  stage = await startAuditStage();
  await playEverything(stage);
  await stage.checkpoint();
});
afterAll(() => stage.close());
beforeEach(async () => {
  stage.intercept(async (_method, _params, next) => await next());
  await stage.reset();
});

const mine = async (count: number) => {
  for (let i = 0; i < count; i++) await stage.ethers.provider.send("evm_mine", []);
};
const height = () => stage.ethers.provider.getBlockNumber();
const shortOf = ({ discrepancies }: AuditVerdict) =>
  discrepancies.map(({ kind, batch, account, block }) => ({ kind, batch, account, block }));

describe("an honest ledger", () => {
  it("should be clean, and everything compared", async () => {
    const verdict = await stage.run();
    expect(verdict.discrepancies).toEqual([]);
    expect(verdict).toMatchObject({
      format: "carbon-ledger/audit/1",
      verdict: "clean",
      tonnes: { countedTwice: false, lost: false, fromThinAir: false },
      chainId: stage.chainId.toString(),
      toBlock: String(await height()),
      discrepancyCount: 0,
    });
    expect(verdict.checks).toMatchObject({ retirements: 2, cancellations: 1, deals: 1, orders: 2 });
    for (const what of ["holdings", "totals", "cashBalances", "positions", "owed", "emptyHoldings"])
      expect(verdict.checks[what], what).toBeGreaterThan(0);
  });

  it("should be clean as of every earlier block, too", async () => {
    const head = await height();
    for (const toBlock of [head - 25, head - 13, head - 1]) {
      const verdict = await stage.run({ toBlock: BigInt(toBlock) });
      expect([verdict.toBlock, verdict.discrepancies]).toEqual([String(toBlock), []]);
    }
  });

  it("given merges and replaced accounts, it should stay clean", async () => {
    const { alice, bob, units, batchId } = stage;
    const successor = stage.firms[5]!;
    await units.connect(alice).transfer(alice, bob, batchId, 10, [{ start: 36_001, end: 36_010 }]);
    await units.connect(alice).transfer(alice, bob, batchId, 5, [{ start: 36_011, end: 36_015 }]);
    await stage.replace(bob, successor);
    await units.recover(bob, batchId);
    await stage.exchange.connect(stage.parts.compliance1).recover(bob, batchId);
    await stage.exchange.connect(stage.parts.compliance1).recover(bob, 0);
    await stage.cash.connect(stage.parts.compliance1).recover(bob);
    expect((await stage.run()).discrepancies).toEqual([]);
  });
});

describe("a dishonest ledger", () => {
  it("given tonnes that no event tells of, it should name the batch, the account and the very block", async () => {
    const units = await stage.conjuring();
    await mine(40);
    const { alice, batchId } = stage;
    const sent = await units.conjure(alice, batchId, 900_001, 900_050);
    const { blockNumber } = (await sent.wait())!;
    await mine(60);
    const verdict = await stage.run();
    expect(verdict).toMatchObject({ verdict: "discrepancies", tonnes: { fromThinAir: true, lost: false } });
    const batch = codeOfBatchId(batchId);
    expect(shortOf(verdict)).toEqual([{ kind: "thin-air", batch, account: alice.address, block: String(blockNumber) }]);
    expect(verdict.discrepancies[0]?.detail).toContain("900001-900050");
  });

  it("given the same at an account that never held anything, it should find them as well", async () => {
    const units = await stage.conjuring();
    const idle = stage.firms[6]!;
    await stage.admit(null, idle.address);
    const { blockNumber } = (await (await units.conjure(idle, stage.batchId, 900_001, 900_001)).wait())!;
    await stage.units.connect(stage.alice).transfer(stage.alice, stage.bob, stage.batchId, 1, []);
    const batch = codeOfBatchId(stage.batchId);
    expect(shortOf(await stage.run())).toEqual([
      { kind: "thin-air", batch, account: idle.address, block: String(blockNumber) },
    ]);
  });

  it("given serials that another has, it should say that they are counted twice", async () => {
    const units = await stage.conjuring();
    const { blockNumber } = (await (await units.conjure(stage.carol, stage.batchId, 36_001, 36_010)).wait())!;
    await mine(10);
    const verdict = await stage.run();
    expect(verdict.tonnes).toEqual({ countedTwice: true, lost: false, fromThinAir: false });
    expect(shortOf(verdict)).toMatchObject([{ kind: "double-count", block: String(blockNumber) }]);
    expect(verdict.discrepancies[0]?.detail).toContain(stage.alice.address);
  });

  it("given tonnes that vanish, it should say what is lost", async () => {
    const units = await stage.conjuring();
    const sent = await units.vanish(stage.alice, stage.batchId, [{ start: 37_001, end: 37_020 }]);
    const { blockNumber } = (await sent.wait())!;
    await stage.units.connect(stage.alice).transfer(stage.alice, stage.bob, stage.batchId, 1, []);
    const verdict = await stage.run();
    expect(verdict.tonnes).toEqual({ countedTwice: false, lost: true, fromThinAir: false });
    expect(shortOf(verdict)).toMatchObject([{ kind: "serial-lost", block: String(blockNumber) }]);
    expect(verdict.discrepancies[0]?.detail).toContain("37001-37020");
  });

  it("given events and holdings that agree on a serial twice, it should still find it, with its transaction", async () => {
    const units = await stage.doubling();
    const sent = await units.double(stage.carol, stage.batchId, 36_001, 36_010);
    await mine(5);
    const verdict = await stage.run();
    const place = { block: String(sent.blockNumber), txHash: sent.hash };
    expect(verdict.tonnes).toMatchObject({ countedTwice: true, fromThinAir: true });
    expect(verdict.discrepancies).toMatchObject([
      { kind: "serial-overlap", batch: codeOfBatchId(stage.batchId), account: stage.carol.address, ...place },
      { kind: "thin-air", expected: "0", found: "10", ...place },
      { kind: "totals", batch: codeOfBatchId(stage.batchId), block: place.block },
    ]);
  });

  it("given another amount than its serial blocks, it should say so", async () => {
    const units = await stage.doubling();
    const blocks = [{ start: 36_001, end: 36_010 }];
    const sent = await units.misreport(stage.alice, stage.bob, stage.batchId, 11, blocks);
    await sent.wait();
    const verdict = await stage.run();
    expect(verdict.discrepancies).toMatchObject([
      { kind: "blocks", expected: "11", found: "10", block: String(sent.blockNumber), txHash: sent.hash },
    ]);
  });

  it("given a log that cannot be read, it should report it and go on", async () => {
    stage.intercept(async (method, _params, next) => {
      const answer = await next();
      if (method !== "eth_getLogs") return answer;
      const logs = answer as { topics: string[] }[];
      return logs.map((log, i) => (i === logs.length - 1 ? { ...log, topics: [keccak256("0x01")] } : log));
    });
    const kinds = (await stage.run()).discrepancies.map(({ kind }) => kind);
    expect(kinds).toContain("unreadable-log");
  });

  it("given a record that the contract kept otherwise, it should name it", async () => {
    const { alice, retirements, batchId } = stage;
    const sent = await retirements.connect(alice).retire(alice, retirementOf(batchId, 2n));
    const slot = stage.ethers.solidityPackedKeccak256(["uint256", "uint256"], [3, 8]);
    const word = `0x${"7".repeat(64)}`;
    await stage.ethers.provider.send("hardhat_setStorageAt", [stage.contracts.Retirements, slot, word]);
    const verdict = await stage.run();
    expect(verdict.discrepancies).toMatchObject([
      { kind: "record-hash", block: String(sent.blockNumber), found: word, detail: "hash of retirement 3" },
    ]);
  });

  it("given logs that the node keeps back, it should not be clean", async () => {
    const { topicHash } = stage.units.interface.getEvent("BlocksMoved");
    let isKept = false;
    stage.intercept(async (method, _params, next) => {
      const answer = await next();
      if (method !== "eth_getLogs") return answer;
      const logs = answer as { topics: string[] }[];
      const at = isKept ? -1 : logs.findIndex(({ topics }) => topics[0] === topicHash);
      isKept ||= at >= 0;
      return logs.filter((_, i) => i !== at);
    });
    expect((await stage.run()).verdict).toBe("discrepancies");
  });
});

describe("the node", () => {
  it("given a limit of ten blocks and errors now and then, it should come to the same verdict", async () => {
    const wanted = await stage.run();
    let calls = 0;
    stage.intercept(async (method, params, next) => {
      calls += 1;
      if (calls % 31 === 0) throw Object.assign(new Error("internal"), { code: -32_603 });
      if (method === "eth_getLogs") {
        const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
        if (BigInt(toBlock) - BigInt(fromBlock) >= 10n)
          throw Object.assign(new Error("query exceeds max block range 10"), { code: -32_602 });
      }
      return await next();
    });
    expect(await stage.run()).toEqual(wanted);
  });

  it("given a stop in the middle, it should go on from there, to the same verdict", async () => {
    const units = await stage.doubling();
    await (await units.double(stage.carol, stage.batchId, 36_001, 36_010)).wait();
    await mine(20);
    const wanted = await stage.run();
    const stateDir = await stage.directory();
    const half = BigInt(await height()) / 2n;
    await stage.run({ stateDir, toBlock: half });
    const asked: bigint[] = [];
    stage.intercept(async (method, params, next) => {
      if (method === "eth_getLogs") asked.push(BigInt((params[0] as { fromBlock: string }).fromBlock));
      return await next();
    });
    expect(await stage.run({ stateDir })).toEqual(wanted);
    expect(asked[0]).toBe(half + 1n);
  });

  it("given a chain that went another way since, it should begin anew", async () => {
    const stateDir = await stage.directory();
    await stage.run({ stateDir });
    await stage.reset();
    await stage.units.connect(stage.alice).transfer(stage.alice, stage.bob, stage.batchId, 9, []);
    await mine(3);
    expect((await stage.run({ stateDir })).discrepancies).toEqual([]);
  });

  it("given a node without the state of that block, it should fail and say so", async () => {
    stage.intercept(async (method, _params, next) => {
      if (method === "eth_call") throw Object.assign(new Error("missing trie node"), { code: -32_000 });
      return await next();
    });
    await expect(stage.run()).rejects.toThrow(/missing trie node/);
  });
});

describe("carbon audit", () => {
  async function carbonOn(isTTY: boolean, ...args: string[]) {
    const out: string[] = [];
    const err: string[] = [];
    const into = (lines: string[]) => ({ write: (text: string) => lines.push(text), isTTY });
    const code = await runCli(args, { env: {}, stdout: into(out), stderr: into(err) });
    return { code, out: out.join(""), err: err.join("") };
  }
  const carbon = (...args: string[]) => carbonOn(false, ...args);

  async function manifestFile(differences: object = {}): Promise<string> {
    const path = join(await stage.directory(), "manifest.json");
    await writeFile(path, JSON.stringify({ ...stage.manifest, ...differences }));
    return path;
  }

  it("should say that there are no discrepancies, and end with 0", async () => {
    const answer = await carbon("audit", "--rpc", stage.node.url, "--manifest", await manifestFile());
    expect(answer).toMatchObject({ code: 0, err: "" });
    expect(answer.out).toMatch(/^0 discrepancies\n/);
  });

  it("given a terminal, it should show how far it is, and take that away in the end", async () => {
    const args = ["audit", "--rpc", stage.node.url, "--manifest", await manifestFile()];
    const { err } = await carbonOn(true, ...args);
    for (const label of ["Reading the logs", "Comparing holdings and totals", "Comparing records and orders"])
      expect(err).toContain(`${label} `);
    expect(err.endsWith("\r\u001b[K")).toBe(true);
  });

  it("given --json, it should answer with the verdict; given a broken ledger, with its batch, and end with 1", async () => {
    const units = await stage.conjuring();
    await (await units.conjure(stage.alice, stage.batchId, 900_001, 900_050)).wait();
    const args = ["audit", "--rpc", stage.node.url, "--manifest", await manifestFile()];
    const { code, out } = await carbon(...args, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(await stage.run())));
    expect((await carbon(...args)).out).toContain(`thin-air (${codeOfBatchId(stage.batchId)}, block `);
  });

  it.each([
    ["another chain's manifest", { genesisHash: `0x${"1".repeat(64)}` }],
    ["an unfinished deployment", { complete: false }],
    ["no manifest at all", { contracts: 1 }],
  ])("given %s, it should end with 3", async (_what, differences) => {
    const path = await manifestFile(differences);
    const { code, out, err } = await carbon("audit", "--rpc", stage.node.url, "--manifest", path);
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).not.toContain("    at ");
  });

  it("given contracts that are elsewhere, a node that is down, or a file that is missing, it should end with 3", async () => {
    const moved = { ...stage.manifest.contracts };
    moved.Units = { ...moved.Units!, address: `0x${"9".repeat(40)}` };
    const elsewhere = await manifestFile({ contracts: moved });
    expect(await carbon("audit", "--rpc", stage.node.url, "--manifest", elsewhere)).toMatchObject({ code: 3 });
    const manifest = await manifestFile();
    expect(await carbon("audit", "--rpc", "http://127.0.0.1:1", "--manifest", manifest)).toMatchObject({ code: 3 });
    expect(await carbon("audit", "--rpc", "ftp://x", "--manifest", manifest)).toMatchObject({ code: 3 });
    expect(await carbon("audit", "--rpc", stage.node.url, "--manifest", "/nowhere.json")).toMatchObject({ code: 3 });
    expect(await carbon("audit", "--rpc", stage.node.url)).toMatchObject({ code: 2 });
    const odd = ["audit", "--rpc", stage.node.url, "--manifest", manifest, "--to", "last"];
    expect(await carbon(...odd)).toMatchObject({ code: 2 });
  });
});
