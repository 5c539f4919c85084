import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";

import { parseTrust, TrustError } from "../verify/trust.js";
import type { TrustFile } from "../verify/types.js";
import { CliError } from "./io.js";

/** What commands read when they are told of no other trust file. */
export const TRUST_FILE = "carbon-trust.json";

/** @throws CliError */
export async function readInput(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new CliError(`${file} cannot be read.`, { cause: error });
  }
}

/** @throws CliError */
export async function writeOutput(file: string, bytes: Uint8Array | string): Promise<void> {
  try {
    await writeFile(file, bytes);
  } catch (error) {
    throw new CliError(`${file} cannot be written.`, { cause: error });
  }
}

/** @throws CliError */
export async function readTrustFile(file: string): Promise<TrustFile> {
  const bytes = await readInput(file);
  try {
    return parseTrust(bytes);
  } catch (error) {
    if (error instanceof TrustError) throw new CliError(`${file} is no trust file: ${error.message}`, { cause: error });
    throw error;
  }
}

/** In lower-case hex, as other tools print it. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
