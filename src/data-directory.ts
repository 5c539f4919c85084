import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, parse, resolve } from "node:path";
import { homedir } from "node:os";
import { acquireProcessLock, type ProcessLock } from "./process-lock.js";

/** The directory cannot serve as data directory, or must not be emptied. */
export class DataDirectoryError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "DataDirectoryError";
  }
}

const MARKER = "carbon-ledger.json";
const MARKER_TEXT = `${JSON.stringify({ format: "carbon-ledger-data", version: 1 })}\n`;

/** What a service, its embedded node and its pilot put into their data directory. Nothing else in it is ever deleted. */
const OURS = [
  "admin-key",
  "admin-key.draft",
  "chain",
  "database",
  "database.new",
  "database.lock",
  "deployment.json",
  "deployment.json.draft",
  "keystore-password",
  "logs",
  "pilot.json",
  "pilot.json.new",
  MARKER,
] as const;

/** What may lie in a directory that is new to us: what somebody prepared, and what file systems keep. */
const MAY_BE_THERE = new Set(["deployment.json", "lost+found", ".gitkeep", ".DS_Store"]);

/**
 * Makes the directory when needed, and marks it as ours.
 * @returns true when it is new.
 * @throws DataDirectoryError when it holds what is not ours
 */
export function claimDataDirectory(dataDir: string): boolean {
  mkdirSync(dataDir, { recursive: true });
  if (isOurs(dataDir)) return false;
  const strangers = readdirSync(dataDir).filter((name) => !MAY_BE_THERE.has(name));
  if (strangers.length > 0) {
    throw new DataDirectoryError(
      `${dataDir} is not empty and not a data directory of this ledger: it holds ${strangers.slice(0, 3).join(", ")}. ` +
        "Give another one with DATA_DIR.",
    );
  }
  writeFileSync(join(dataDir, MARKER), MARKER_TEXT, { flush: true });
  return true;
}

/**
 * Deletes everything that is ours in a data directory, the marker last, so that an interrupted deletion can be repeated. A directory
 * that is not there is left so.
 * @throws DataDirectoryError when it is not one of ours; ProcessLockedError while a service uses it
 */
export function clearDataDirectory(dataDir: string): void {
  const names = entries(dataDir);
  if (names === undefined || names.length === 0) return;
  if (isTooWide(dataDir) || !isOurs(dataDir)) {
    throw new DataDirectoryError(
      `${dataDir} is not a data directory of this ledger (there is no ${MARKER} in it): nothing was deleted.`,
    );
  }
  const lock: ProcessLock = acquireProcessLock(join(dataDir, "database.lock"));
  try {
    for (const name of OURS) {
      if (name !== MARKER && name !== "database.lock") rmSync(join(dataDir, name), { recursive: true, force: true });
    }
    rmSync(join(dataDir, MARKER), { force: true });
  } finally {
    lock.release();
  }
}

function isOurs(dataDir: string): boolean {
  try {
    return readFileSync(join(dataDir, MARKER), "utf8") === MARKER_TEXT;
  } catch {
    return false;
  }
}

/** Whatever a marker says: nobody keeps a ledger's data right here. */
function isTooWide(dataDir: string): boolean {
  const path = resolve(dataDir);
  return path === parse(path).root || path === resolve(homedir()) || path === dirname(resolve(homedir()));
}

function entries(dataDir: string): string[] | undefined {
  try {
    return readdirSync(dataDir);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
