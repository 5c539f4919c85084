import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { claimDataDirectory } from "../../../src/data-directory.js";
import { requester } from "../../support/http.js";
import { freePorts, runStart } from "../../support/running-start.js";

const EX_CONFIG = 78;

describe("npm start", () => {
  const folder = mkdtempSync(join(tmpdir(), "carbon-ledger-start-"));
  let port: number;
  let nodePort: number;

  beforeAll(async () => {
    [port = 0, nodePort = 0] = await freePorts(2);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("tells what it can do", async () => {
    const run = runStart({ dataDir: join(folder, "help"), port, nodePort, args: ["--help"] });

    expect(await run.ended).toBe(0);
    expect(run.output()).toContain("--no-pilot");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("says so when a port is taken", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const taken = (server.address() as AddressInfo).port;

    const run = runStart({ dataDir: join(folder, "port"), port: taken, nodePort });

    expect(await run.ended).toBe(EX_CONFIG);
    expect(run.output()).toContain(`127.0.0.1:${taken}`);
    expect(run.output()).not.toContain("    at ");
    server.close();
  });

  it("refuses to empty a directory that is not its own", async () => {
    const dataDir = mkdtempSync(join(folder, "foreign-"));
    writeFileSync(join(dataDir, "thesis.txt"), "");

    const run = runStart({ dataDir, port, nodePort, args: ["--fresh"] });

    expect(await run.ended).toBe(EX_CONFIG);
    expect(readdirSync(dataDir)).toEqual(["thesis.txt"]);
  });

  it("serves an empty ledger, refuses the data of another chain, and begins afresh when told to", async () => {
    const dataDir = join(folder, "data");
    const settings = { dataDir, port, nodePort };
    const first = runStart({ ...settings, args: ["--no-pilot"] });
    await first.seen(/^Ready /m);
    const { get } = requester(`http://127.0.0.1:${port}`);
    expect((await get("/v1/participants")).body.items).toEqual([]);
    await first.kill("SIGINT");
    expect(await first.ended).toBe(0);

    const manifestFile = join(dataDir, "deployment.json");
    const manifest = JSON.parse(readFileSync(manifestFile, "utf8")) as {
      genesisHash: string;
      contracts: { Registry: { address: string } };
    };
    writeFileSync(manifestFile, JSON.stringify({ ...manifest, genesisHash: `0x${"ab".repeat(32)}` }));
    const foreign = runStart(settings);
    expect(await foreign.ended).toBe(EX_CONFIG);
    expect(foreign.output()).toMatch(/belongs to another chain/);

    const afresh = runStart({ ...settings, args: ["--fresh", "--no-pilot"] });
    await afresh.seen(/^Ready /m);
    const contracts = (await get("/v1/chain")).body.contracts;
    expect(contracts.registry).not.toBe(manifest.contracts.Registry.address);
    await afresh.kill("SIGTERM");
    expect(await afresh.ended).toBe(0);
    expect(claimDataDirectory(dataDir)).toBe(false);
  }, 180_000);
});
