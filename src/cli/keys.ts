import { readFile } from "node:fs/promises";
import type { Command } from "commander";

import { accountOf, newPrivateKey } from "../chain/keystore.js";
import { name } from "./arguments.js";
import { CliError, type Io, type Register } from "./io.js";
import {
  findKeystore,
  keystoreDirectory,
  keystoreIn,
  listKeystores,
  newPasswordOf,
  passwordOf,
  unlock,
  withPassword,
  writeKeystore,
  type BrokenKeystore,
  type Keystore,
  type PasswordOptions,
} from "./keystores.js";
import { createTable, fieldLines } from "./table.js";

const HELP = `
A key is a file NAME.json in ~/.config/carbon/keys (CARBON_KEYS): a Web3 keystore of version 3, as wallets and nodes read and write it.
Whoever loses the file or its password loses the account: the ledger can only replace it by two compliance officers.

Examples:
  carbon keys new office
  carbon keys import ~/UTC--2026-01-31T00-00-00Z--0123.json --name bank
  carbon keys import - --name old < private-key.txt
  carbon keys check office`;

/** `carbon keys`: the keys of this machine, encrypted. */
export const registerKeys: Register = (program, io) => {
  const keys = program
    .command("keys")
    .description("keys of your own, encrypted, on this machine")
    .addHelpText("after", HELP);
  withPassword(keys.command("new"))
    .description("make a key")
    .argument("<name>", "what it is called here", name)
    .action(async (given: string, options: PasswordOptions) => {
      const password = await newPasswordOf(io, options);
      await keep(io, given, await io.seal(newPrivateKey(), password));
    });
  addImport(keys, io);
  keys
    .command("list")
    .description("the keys of this machine")
    .action(async () => {
      const all = await listKeystores(io.env);
      io.json({ directory: keystoreDirectory(io.env), items: all.map(shown) });
      if (all.length === 0) io.note(`There are no keys in ${keystoreDirectory(io.env)}: carbon keys new NAME`);
      tellKeys(io, all);
    });
  keys
    .command("show")
    .description("the account and the file of a key; never the key itself")
    .argument("<key>", "name or address")
    .action(async (asked: string) => {
      const keystore = await findKeystore(io.env, asked);
      io.json(shown(keystore));
      for (const line of fieldLines(fieldsOf(keystore), "")) io.out(line);
    });
  withPassword(keys.command("check"))
    .description("whether a key opens with its password")
    .argument("<key>", "name or address")
    .action(async (asked: string, options: PasswordOptions) => {
      const keystore = await findKeystore(io.env, asked);
      const { address } = await unlock(keystore, await passwordOf(io, options, `Password of the key ${keystore.name}`));
      io.json({ ...shown(keystore), address, opens: true });
      io.out(`The key ${keystore.name} opens: it is that of ${address}.`);
    });
};

interface ImportOptions extends PasswordOptions {
  readonly name: string;
}

function addImport(keys: Command, io: Io): void {
  withPassword(keys.command("import"))
    .description("take over a keystore of another program, or a private key as text")
    .argument("<file>", "a keystore, or 64 hexadecimal digits; - is standard input")
    .requiredOption("--name <name>", "what it is called here", name)
    .action(async (file: string, options: ImportOptions) => {
      const text = file === "-" ? await io.readInput() : await textIn(file);
      if (!text.trim().startsWith("{")) return importPrivateKey(io, text.trim(), options);
      if (file === "-") throw new CliError("A keystore is read from a file.");
      const keystore = await keystoreIn(file, options.name);
      // A keystore whose password nobody knows any more must be found out now, not on the day it is needed.
      const { address } = await unlock(keystore, await passwordOf(io, options, "Password of the keystore"));
      await keep(io, options.name, keystore.json.trim(), address);
    });
}

async function importPrivateKey(io: Io, text: string, options: ImportOptions): Promise<void> {
  const key = text.startsWith("0x") ? text : `0x${text}`;
  if (accountOf(key) === undefined)
    throw new CliError("It is neither a keystore nor a private key of 64 hexadecimal digits.");
  const password = await newPasswordOf(io, options);
  await keep(io, options.name, await io.seal(key, password));
}

async function keep(io: Io, given: string, json: string, opened?: string): Promise<void> {
  const file = await writeKeystore(io.env, given, json);
  const address = opened ?? (await keystoreIn(file, given)).address;
  io.json({ name: given, address, file });
  for (const line of fieldLines(
    [
      ["name", given],
      ["account", address],
      ["file", file],
    ],
    "",
  ))
    io.out(line);
  io.note("Keep a copy of this file and of its password: nobody else can bring them back.");
  io.note(`Commands sign with it after: carbon profiles set --sign-with ${given}`);
}

async function textIn(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new CliError(`${file} cannot be read.`, { cause: error });
  }
}

function tellKeys(io: Io, all: readonly (Keystore | BrokenKeystore)[]): void {
  const table = createTable<Keystore | BrokenKeystore>([
    { title: "name", of: (one) => one.name },
    { title: "account", of: (one) => ("json" in one ? (one.address ?? "not named in the file") : `- ${one.fault}`) },
  ]);
  const rows = table.rows(all);
  if (rows.length > 0) io.out(io.paint("bold", table.heading()));
  for (const row of rows) io.out(row);
}

function shown(one: Keystore | BrokenKeystore) {
  const { name: called, file } = one;
  return "json" in one ? { name: called, address: one.address, file } : { name: called, file, fault: one.fault };
}

function fieldsOf({ name: called, address, file }: Keystore) {
  return [["name", called] as const, ["account", address] as const, ["file", file] as const];
}
