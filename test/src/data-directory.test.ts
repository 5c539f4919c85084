import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

import { claimDataDirectory, clearDataDirectory, DataDirectoryError } from "../../src/data-directory.js";
import { acquireProcessLock, ProcessLockedError } from "../../src/process-lock.js";

describe("The data directory", () => {
  const folders: string[] = [];
  const folder = (): string => {
    const path = mkdtempSync(join(tmpdir(), "carbon-ledger-data-"));
    folders.push(path);
    return path;
  };
  afterEach(() => {
    for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
  });

  describe("when it is claimed", () => {
    it("is made and marked, and known again", () => {
      const path = join(folder(), "deep", "data");

      expect(claimDataDirectory(path)).toBe(true);
      writeFileSync(join(path, "anything"), "");
      expect(claimDataDirectory(path)).toBe(false);
    });

    it("may hold a deployment manifest that was put there before", () => {
      const path = folder();
      writeFileSync(join(path, "deployment.json"), "{}");

      expect(claimDataDirectory(path)).toBe(true);
    });

    it("is refused when it holds what is not ours", () => {
      const path = folder();
      writeFileSync(join(path, "thesis.txt"), "");

      expect(() => claimDataDirectory(path)).toThrow(DataDirectoryError);
      expect(readdirSync(path)).toEqual(["thesis.txt"]);
    });
  });

  describe("when it is cleared", () => {
    it("loses what is ours and keeps what is not", () => {
      const path = folder();
      claimDataDirectory(path);
      mkdirSync(join(path, "chain"));
      writeFileSync(join(path, "chain", "journal.ndjson"), "");
      writeFileSync(join(path, "admin-key"), "");
      writeFileSync(join(path, "thesis.txt"), "");

      clearDataDirectory(path);

      expect(readdirSync(path)).toEqual(["thesis.txt"]);
    });

    it("is left alone without the marker", () => {
      const path = folder();
      mkdirSync(join(path, "chain"));

      expect(() => clearDataDirectory(path)).toThrow(DataDirectoryError);
      expect(existsSync(join(path, "chain"))).toBe(true);
    });

    it("is left alone while a service uses it", () => {
      const path = folder();
      claimDataDirectory(path);
      mkdirSync(join(path, "chain"));
      const lock = acquireProcessLock(join(path, "database.lock"));

      expect(() => clearDataDirectory(path)).toThrow(ProcessLockedError);
      expect(existsSync(join(path, "chain"))).toBe(true);
      lock.release();
    });

    it("need not be there", () => {
      clearDataDirectory(join(folder(), "nowhere"));
      clearDataDirectory(folder());
    });
  });
});
