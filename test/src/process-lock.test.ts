import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { acquireProcessLock, ProcessLockedError } from "../../src/process-lock.js";

const freshPath = () => join(mkdtempSync(join(tmpdir(), "lock-")), "some.lock");

describe("acquireProcessLock", () => {
  it("given no lock, it should create one with this process's number, and remove it on release", () => {
    const path = freshPath();
    const lock = acquireProcessLock(path);
    expect(readFileSync(path, "utf8")).toMatch(new RegExp(`^${process.pid} `));
    lock.release();
    lock.release();
    expect(existsSync(path)).toBe(false);
  });

  it("given a lock that this process holds, it should refuse", () => {
    const path = freshPath();
    const lock = acquireProcessLock(path);
    expect(() => acquireProcessLock(path)).toThrow(ProcessLockedError);
    lock.release();
    acquireProcessLock(path).release();
  });

  it("given a lock of another living process, it should refuse and name it", () => {
    const path = freshPath();
    writeFileSync(path, `${process.ppid} \n`);
    expect(() => acquireProcessLock(path)).toThrow(`process ${process.ppid}`);
  });

  it("given a lock of a process that is gone, it should take it over", () => {
    const path = freshPath();
    const gone = spawnSync(process.execPath, ["-e", ""]).pid;
    writeFileSync(path, `${gone} 1\n`);
    acquireProcessLock(path).release();
  });

  it.runIf(existsSync("/proc/self/stat"))(
    "given a number that was handed to another process since, it should take it over",
    () => {
      const path = freshPath();
      writeFileSync(path, `${process.ppid} 1\n`);
      acquireProcessLock(path).release();
    },
  );

  it("given a file left by a former bearer of this process's own number, it should take it over", () => {
    const path = freshPath();
    writeFileSync(path, `${process.pid} 1\n`);
    acquireProcessLock(path).release();
  });

  it("given an empty file, it should refuse while it is young and take it over when it is old", () => {
    const path = freshPath();
    writeFileSync(path, "");
    expect(() => acquireProcessLock(path)).toThrow(ProcessLockedError);
    utimesSync(path, new Date(0), new Date(0));
    acquireProcessLock(path).release();
  });
});
