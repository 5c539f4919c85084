import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";

import { keystoreAddress, KeystoreError, openKeystore, type OpenKeystore } from "../chain/keystore.js";
import { CliError } from "./errors.js";
import type { Io } from "./io.js";
import { homeOf, makeHome, NAME_PATTERN } from "./profiles-file.js";

/** Encrypted keys in a directory: one Web3 keystore a file, `NAME.json`, for the owner's eyes only. */

export interface Keystore {
  readonly name: string;
  readonly file: string;
  /** EIP-55; null when the file names none. */
  readonly address: string | null;
  readonly json: string;
}

export interface BrokenKeystore {
  readonly name: string;
  readonly file: string;
  readonly fault: string;
}

/** Wallets and nodes write less than a thousand bytes. */
const MAX_BYTES = 64 * 1024;
/** For a password that is shorter, the cost of the key derivation is no protection. */
export const MINIMUM_PASSWORD = 8;

export function keystoreDirectory(env: Io["env"]): string {
  return env["CARBON_KEYS"] || join(homeOf(env), "keys");
}

/** By name; what cannot be opened is told apart. */
export async function listKeystores(env: Io["env"]): Promise<(Keystore | BrokenKeystore)[]> {
  const directory = keystoreDirectory(env);
  const names = await readdir(directory).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new CliError(`The keys in ${directory} cannot be read.`, { cause: error });
  });
  const all: (Keystore | BrokenKeystore)[] = [];
  for (const file of names.filter((name) => name.endsWith(".json")).sort()) {
    const name = file.slice(0, -".json".length);
    try {
      all.push(await keystoreIn(join(directory, file), name));
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      all.push({ name, file: join(directory, file), fault: error.message });
    }
  }
  return all;
}

/** @param asked Its name or its address. @throws CliError */
export async function findKeystore(env: Io["env"], asked: string): Promise<Keystore> {
  if (!/^0x[0-9a-fA-F]{40}$/.test(asked)) {
    checkName(asked);
    return keystoreIn(fileOf(env, asked), asked);
  }
  const found = (await listKeystores(env)).find(
    (one): one is Keystore => "json" in one && one.address?.toLowerCase() === asked.toLowerCase(),
  );
  if (found === undefined) throw new CliError(`There is no key for ${asked} in ${keystoreDirectory(env)}.`);
  return found;
}

/** @throws CliError when it cannot be read or is no keystore that can be opened */
export async function keystoreIn(file: string, name: string): Promise<Keystore> {
  let json: string;
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new CliError(`${file} has ${size} bytes: no keystore is as large.`);
    json = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof CliError) throw error;
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new CliError(isMissing ? `There is no key ${name}: ${file} does not exist.` : `${file} cannot be read.`, {
      cause: error,
    });
  }
  return { name, file, json, address: told(file, () => keystoreAddress(json)) };
}

/** A key is never written over: nothing would bring it back. @throws CliError */
export async function writeKeystore(env: Io["env"], name: string, json: string): Promise<string> {
  checkName(name);
  const file = fileOf(env, name);
  try {
    makeHome(homeOf(env));
    makeHome(keystoreDirectory(env));
    await writeFile(file, `${json}\n`, { mode: 0o600, flag: "wx", flush: true });
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new CliError(
      isThere ? `There is a key ${name} already, and it stays: give another name.` : `${file} cannot be written.`,
      { cause: error },
    );
  }
  return file;
}

/** @throws CliError: a wrong password, a damaged file */
export async function unlock({ file, json, name }: Keystore, password: string): Promise<OpenKeystore> {
  try {
    return await openKeystore(json, password);
  } catch (error) {
    throw faultOf(error, error instanceof KeystoreError && error.fault === "wrong-password" ? `Key ${name}` : file);
  }
}

/** Where the password of a key may come from. */
export interface PasswordOptions {
  readonly passwordFile?: string;
}

export function withPassword(command: Command): Command {
  return command.option("--password-file <file>", "password of the key (CARBON_PASSWORD_FILE, CARBON_PASSWORD; asked)");
}

/** From a file, the environment, or the person. @throws CliError */
export async function passwordOf(io: Io, options: PasswordOptions, question: string): Promise<string> {
  const file = options.passwordFile ?? (io.env["CARBON_PASSWORD_FILE"] || undefined);
  if (file !== undefined) {
    try {
      return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
    } catch (error) {
      throw new CliError(`The password cannot be read from ${file}.`, { cause: error });
    }
  }
  return io.env["CARBON_PASSWORD"] || io.askSecret(question);
}

/** Of a key that is new here: asked twice. @throws CliError */
export async function newPasswordOf(io: Io, options: PasswordOptions): Promise<string> {
  const isAsked = options.passwordFile === undefined && !io.env["CARBON_PASSWORD_FILE"] && !io.env["CARBON_PASSWORD"];
  const password = await passwordOf(io, options, "New password for this key");
  if (password.length < MINIMUM_PASSWORD) {
    throw new CliError(`The password must have at least ${MINIMUM_PASSWORD} characters.`);
  }
  if (isAsked && (await io.askSecret("The same password again")) !== password) {
    throw new CliError("The two passwords differ: nothing was written.");
  }
  return password;
}

/** The words for what a keystore lacks. */
function told<Value>(file: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw faultOf(error, file);
  }
}

function faultOf(error: unknown, subject: string): CliError {
  if (!(error instanceof KeystoreError)) throw error;
  return new CliError(`${subject}: ${error.message}`, { cause: error });
}

function fileOf(env: Io["env"], name: string): string {
  return join(keystoreDirectory(env), `${name}.json`);
}

function checkName(name: string): void {
  if (!NAME_PATTERN.test(name)) {
    throw new CliError("A key's name has letters, digits, dots, hyphens and underscores, at most 64.");
  }
}
