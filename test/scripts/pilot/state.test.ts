import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openState, PilotStateError, saveState } from "../../../scripts/pilot/state.js";

const GENESIS = `0x${"01".repeat(32)}`;
const NOW = new Date("2026-07-01T00:00:00.000Z");

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pilot-state-"));
  file = join(folder, "deeper", "pilot.json");
});

afterEach(() => rm(folder, { recursive: true }));

describe("the state of a pilot run", () => {
  it("given no file, it should be new, with a deadline a year ahead", async () => {
    const state = await openState(file, "seed", GENESIS, NOW);

    expect(state.completed).toBe(false);
    expect(BigInt(state.deadline) - BigInt(NOW.getTime() / 1000)).toBe(31_536_000n);
  });

  it("given a saved one, it should come back as it was, whatever the time", async () => {
    const state = await openState(file, "seed", GENESIS, NOW);
    state.apiKeys["auditor"] = "cl_a_b";
    state.firmKeys["firm"] = "0x11";
    await saveState(file, state);

    expect(await openState(file, "seed", GENESIS, new Date("2027-01-01T00:00:00.000Z"))).toEqual(state);
  });

  it("is readable by its owner only, also when it is written again", async () => {
    const state = await openState(file, "seed", GENESIS, NOW);
    await saveState(file, state);
    await writeFile(`${file}.new`, "left over by a crash", { mode: 0o644 });
    await saveState(file, state);

    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual(state);
  });

  it("given a file of another chain, it should be refused with both chains named", async () => {
    await saveState(file, await openState(file, "seed", GENESIS, NOW));
    const other = `0x${"02".repeat(32)}`;

    const failure = await openState(file, "seed", other, NOW).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(PilotStateError);
    expect(String(failure)).toContain(GENESIS);
    expect(String(failure)).toContain(other);
  });

  it("given a file of another scenario, or one that cannot be read, it should be refused", async () => {
    await saveState(file, await openState(file, "seed", GENESIS, NOW));
    await expect(openState(file, "another", GENESIS, NOW)).rejects.toBeInstanceOf(PilotStateError);

    await writeFile(file, "{");
    await expect(openState(file, "seed", GENESIS, NOW)).rejects.toBeInstanceOf(PilotStateError);
  });
});
