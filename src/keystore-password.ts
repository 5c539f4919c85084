import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface KeystorePassword {
  readonly password: string;
  /** The file that holds it, when the environment does not. */
  readonly file: string | undefined;
}

/**
 * The password of the managed accounts' keystores: the given one, or the one that an earlier start left in the data directory,
 * or a new random one, written there for the owner's eyes only. Keys and password side by side protect against a leaked
 * database alone: the caller warns.
 */
export function keystorePassword(dataDir: string, given: string | undefined): KeystorePassword {
  if (given !== undefined) return { password: given, file: undefined };
  const file = join(dataDir, "keystore-password");
  mkdirSync(dataDir, { recursive: true });
  try {
    writeFileSync(file, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx", flush: true });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  return { password: readFileSync(file, "utf8").trim(), file };
}
