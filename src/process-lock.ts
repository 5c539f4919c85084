import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, writeSync } from "node:fs";

/** Another living process holds what this one needs alone. */
export class ProcessLockedError extends Error {
  readonly path: string;
  readonly pid: number;

  constructor(path: string, pid: number) {
    super(`${path} is held by process ${pid}. Stop that process, or use another DATA_DIR.`);
    this.name = "ProcessLockedError";
    this.path = path;
    this.pid = pid;
  }
}

export interface ProcessLock {
  readonly path: string;
  release(): void;
}

/** Locks that this very process holds: its own number in a file means "left by a namesake" unless the path is here. */
const held = new Set<string>();

/** How often a contender may win the race for a stale lock before we give up. */
const ATTEMPTS = 5;

/**
 * Takes a lock for as long as this process lives. The lock is a file with the process number and the process's start time,
 * so that a lock left behind by `kill -9` is taken over, even when its number was given to another process since.
 * @throws ProcessLockedError when a living process (this one included) holds it.
 */
export function acquireProcessLock(path: string): ProcessLock {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (held.has(path)) throw new ProcessLockedError(path, process.pid);
    if (tryCreate(path)) {
      held.add(path);
      return { path, release: () => release(path) };
    }
    removeIfStale(path);
  }
  throw new ProcessLockedError(path, readHolder(path)?.pid ?? 0);
}

function release(path: string): void {
  if (!held.delete(path)) return;
  rmSync(path, { force: true });
}

function tryCreate(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
  writeSync(file, `${process.pid} ${startTimeOf(process.pid) ?? ""}\n`);
  closeSync(file);
  return true;
}

/** Renames before it deletes: of two that find the same stale lock only one succeeds in renaming it. */
function removeIfStale(path: string): void {
  const holder = readHolder(path);
  if (holder === undefined) return;
  if (isAlive(holder)) throw new ProcessLockedError(path, holder.pid);
  const aside = `${path}.stale-${process.pid}`;
  try {
    renameSync(path, aside);
    unlinkSync(aside);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

interface Holder {
  readonly pid: number;
  readonly startTime: string;
}

/** A file without a number is a lock being written this moment, or one whose writer died between the two steps. */
const GRACE_MILLISECONDS = 2_000;

function readHolder(path: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
  const [pid = "", startTime = ""] = text.trim().split(" ");
  if (/^\d+$/.test(pid)) return { pid: Number(pid), startTime };
  const age = Date.now() - statSync(path).mtimeMs;
  if (age < GRACE_MILLISECONDS) throw new ProcessLockedError(path, 0);
  return { pid: 0, startTime: "" };
}

function isAlive(holder: Holder): boolean {
  if (holder.pid === 0) return false;
  if (holder.pid === process.pid) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (hasCode(error, "ESRCH")) return false;
  }
  const startTime = startTimeOf(holder.pid);
  return startTime === undefined || holder.startTime === "" || startTime === holder.startTime;
}

/** Start time of a process in clock ticks since boot, where the system tells it; it separates two bearers of one number. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
