import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import hre from "hardhat";
import { describe, expect, it } from "vitest";

const require = createRequire(import.meta.url);

interface Manifest {
  version: string;
  engines: { node: string };
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as Manifest;

describe("the toolchain", () => {
  it("compiles with the compiler that the configuration names, in every profile", () => {
    const { version } = require("solc") as { version(): string };
    const profiles = Object.values(hre.config.solidity.profiles);
    expect(profiles.length).toBeGreaterThan(1);

    for (const { compilers } of profiles) {
      for (const compiler of compilers) {
        expect(version()).toMatch(new RegExp(`^${compiler.version.replaceAll(".", "\\.")}\\+commit\\.`));
        expect(compiler.path).toBe(require.resolve("solc/soljson.js"));
      }
    }
  });

  it("pins every direct dependency exactly", () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
    );

    expect(loose).toEqual([]);
  });

  it("keeps addresses of registries out of the lock file", () => {
    const lock = readFileSync(new URL("../package-lock.json", import.meta.url), "utf8");

    expect(lock).not.toContain('"resolved"');
  });
});
