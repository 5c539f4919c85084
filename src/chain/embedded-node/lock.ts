import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { EmbeddedNodeError } from "./errors.js";

/** After `kill -9` of a service, its node needs a moment to notice and to leave. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 50;

/** Holds a lock file until `release`. A lock whose process is gone counts as free. */
export async function acquireLock(path: string): Promise<{ release(): Promise<void> }> {
  const mine = describeProcess(process.pid);
  const deadline = Date.now() + PATIENCE_MS;

  for (;;) {
    try {
      await writeFile(path, mine, { flag: "wx" });
      return { release: async () => await releaseIfMine(path, mine) };
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw error;
    }

    const holder = await readFile(path, "utf8").catch(() => "");
    if (!isAlive(holder)) {
      await removeStale(path, holder);
    } else if (Date.now() > deadline) {
      const pid = holder.split(" ")[0] ?? "?";
      throw new EmbeddedNodeError(
        "data-directory-in-use",
        `The chain's data directory is in use by process ${pid} (lock file ${path}). Stop that process first.`,
      );
    }
    await sleep(RETRY_MS);
  }
}

/** Renaming before removing makes sure that a lock which another process took meanwhile is put back. */
async function removeStale(path: string, holder: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isCode(error, "ENOENT")) return;
    throw error;
  }
  if ((await readFile(aside, "utf8")) === holder) await rm(aside);
  else await rename(aside, path);
}

async function releaseIfMine(path: string, mine: string): Promise<void> {
  const holder = await readFile(path, "utf8").catch(() => "");
  if (holder === mine) await rm(path, { force: true });
}

/**
 * Process id, and where the system tells it (Linux) when the process started and in which boot: in a container
 * the same small ids come again after every restart.
 */
function describeProcess(pid: number): string {
  return `${pid} ${startOf(pid)}`;
}

function isAlive(holder: string): boolean {
  const [word = "", start = ""] = holder.split(" ");
  const pid = Number(word);
  // An empty or unreadable lock is one that a crash left half-written.
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!isCode(error, "EPERM")) return false;
  }
  return start === startOf(pid);
}

function startOf(pid: number): string {
  try {
    // The command name, in brackets, may hold spaces; field 22 (start time) is the 20th after it. See proc_pid_stat(5).
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    // A zombie has ended, only its parent has not yet looked.
    return fields[0] === "Z" ? "ended" : `${fields[19] ?? ""}@${boot}`;
  } catch {
    return "unknown";
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
