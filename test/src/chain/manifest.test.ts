import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { developmentSettings } from "../../../src/chain/development.js";
import {
  addressesOf,
  checkChain,
  CONTRACT_NAMES,
  type DeploymentManifest,
  eventSources,
  fileManifestStore,
  firstBlockOf,
  ManifestError,
  readManifest,
} from "../../../src/chain/manifest.js";

const hash = (digit: string) => `0x${digit.repeat(64)}`;
const chain = { chainId: "84511", genesisHash: hash("a") };

function completeManifest(): DeploymentManifest {
  const contracts = CONTRACT_NAMES.map((name, index) => [
    name,
    { address: `0x${index.toString().repeat(40)}`, txHash: hash(index.toString()), blockNumber: index + 1 },
  ]);
  return {
    formatVersion: 2,
    ...chain,
    deployer: `0x${"d".repeat(40)}`,
    startNonce: 3,
    settings: developmentSettings(),
    contracts: Object.fromEntries(contracts),
    configuration: { txHash: hash("c"), blockNumber: 9 },
    roles: developmentSettings().holders,
    complete: true,
  };
}

describe("a manifest file", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "manifest-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is not there before it is written", async () => {
    expect(await readManifest(join(folder, "none.json"))).toBeUndefined();
  });

  it("gives back what was written, and leaves no draft", async () => {
    const store = fileManifestStore(join(folder, "deep", "er", "chain.json"));
    await store.write(completeManifest());
    await store.write(completeManifest());
    expect(await store.read()).toEqual(completeManifest());
    expect(await readdir(join(folder, "deep", "er"))).toEqual(["chain.json"]);
  });

  it("ends in a line break, so that people can read and diff it", async () => {
    const path = join(folder, "chain.json");
    await fileManifestStore(path).write(completeManifest());
    expect(await readFile(path, "utf8")).toMatch(/^\{\n {2}"formatVersion": 2,[^]*\}\n$/);
  });

  it.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["another format", JSON.stringify({ ...completeManifest(), formatVersion: 1 })],
    ["an unknown field", JSON.stringify({ ...completeManifest(), extra: 1 })],
    [
      "an unknown role",
      JSON.stringify({ ...completeManifest(), roles: [{ role: "KING", account: `0x${"1".repeat(40)}` }] }),
    ],
    ["a chain id as a number", JSON.stringify({ ...completeManifest(), chainId: 84_511 })],
  ])("is refused when it holds %s", async (_, text) => {
    const path = join(folder, "chain.json");
    await writeFile(path, text);
    await expect(readManifest(path)).rejects.toThrow(ManifestError);
    await expect(readManifest(path)).rejects.toThrow(path);
  });

  it("that cannot be read is not taken for one that is not there", async () => {
    await expect(readManifest(folder)).rejects.toThrow(/EISDIR/);
  });
});

describe("checkChain", () => {
  it("accepts the manifest's own chain", () => {
    expect(() => checkChain(completeManifest(), chain)).not.toThrow();
  });

  it("refuses another chain id, and another first block, and names both", () => {
    expect(() => checkChain(completeManifest(), { ...chain, chainId: "1" })).toThrow(/chain 84511, this is chain 1\./);
    const other = { ...chain, genesisHash: hash("b") };
    expect(() => checkChain(completeManifest(), other)).toThrow(new RegExp(`${hash("a")}.*${hash("b")}`));
  });
});

describe("what a manifest says", () => {
  it("addressesOf and eventSources give each contract's address", () => {
    const addresses = addressesOf(completeManifest());
    expect(Object.keys(addresses)).toEqual([...CONTRACT_NAMES]);
    const { LedgerAccess, ...others } = addresses;
    expect(eventSources(completeManifest())).toEqual({ AccessManager: LedgerAccess, ...others });
    expect(firstBlockOf(completeManifest())).toBe(1);
  });

  it("is refused while the deployment is incomplete", () => {
    const incomplete = { ...completeManifest(), complete: false };
    expect(() => addressesOf(incomplete)).toThrow(ManifestError);
    expect(() => eventSources(incomplete)).toThrow(ManifestError);
    expect(() => addressesOf({ ...completeManifest(), contracts: {} })).toThrow(ManifestError);
    expect(() => firstBlockOf({ ...completeManifest(), contracts: {} })).toThrow(ManifestError);
  });
});
