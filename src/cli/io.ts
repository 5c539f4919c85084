import type { Command } from "commander";
import { sealKeystore } from "../chain/keystore.js";
import { CliError } from "./errors.js";
import { createFormat, localeTag, type Format } from "./format.js";
import { readProfiles, type Profile } from "./profiles-file.js";
import { createProgress, type Progress } from "./progress.js";

export { CliError } from "./errors.js";

/** 0: yes. 1: no (rejected, discrepancies, findings). 2: not understood. 3: could not be done. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Where a text goes. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** What a process gives to its commands; a test gives its own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Asks a person for a secret; absent where there is nobody to ask. */
  readonly askSecret?: (question: string) => Promise<string>;
  /** All of standard input, for what a command was told to read from `-`. */
  readonly readInput?: () => Promise<string>;
  /** Cost of opening keys that are made here, a power of two; tests take less than wallets do. */
  readonly scryptN?: number;
  /** Aborted when the person has had enough (Ctrl-C); from the first call on this is all that Ctrl-C does. */
  readonly interrupted?: () => AbortSignal;
}

export type Style = "good" | "bad" | "bold";

/** How a command speaks: its answer goes to standard output, everything else to standard error. */
export interface Io {
  /** True with `--json`: the answer is one JSON document. */
  readonly isJson: boolean;
  /** Where the service is, without a slash at its end. */
  readonly url: string;
  /** API key, when there is one. */
  readonly key: string | undefined;
  /** Name of the key of this machine that signs, when there is one. */
  readonly signWith: string | undefined;
  /** Every read waits until its answer knows this block; undefined: as it comes. */
  readonly minBlock: bigint | undefined;
  /** How often a request is tried in all, when there is no answer. */
  readonly tries: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The profile in force; empty when there is none. */
  readonly profile: Profile;
  /** Dates, numbers and money for people. */
  readonly format: Format;
  /** A line of the answer, for people; nothing with `--json`. */
  out(line: string): void;
  /** The answer as JSON; nothing without `--json`. */
  json(value: unknown): void;
  /** One of many answers, as JSON in one line: for what has no end. Nothing without `--json`. */
  jsonLine(value: unknown): void;
  /** The text in a colour, where standard output is a terminal and NO_COLOR does not forbid it. */
  paint(style: Style, text: string): string;
  /** @throws CliError where nobody can be asked */
  askSecret(question: string): Promise<string>;
  /** All of standard input. @throws CliError where there is none */
  readInput(): Promise<string>;
  /** Encrypts a private key with a password. @returns a keystore */
  seal(privateKey: string, password: string): Promise<string>;
  /** Aborted by Ctrl-C. Whoever asks for it must end by itself then. */
  interrupted(): AbortSignal;
  /** A line beside the answer. */
  note(line: string): void;
  /** A bar, where a person watches. */
  progress(label: string): Progress;
  /** The code that the process ends with when the command is done; 0 when it says nothing. */
  exit(code: ExitCode): void;
}

/** Adds a command to the program. */
export type Register = (program: Command, io: Io) => void;

export interface GlobalOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly key?: string;
  readonly profile?: string;
  readonly locale?: string;
  readonly timeZone?: string;
  readonly tries?: number;
  readonly minBlock?: bigint;
}

/** A person waits: a few seconds. */
export const DEFAULT_TRIES = 4;
export const DEFAULT_URL = "http://127.0.0.1:3000";

const STYLES: Readonly<Record<Style, number>> = { good: 32, bad: 31, bold: 1 };

/** @param options The global options, once they are parsed. @returns also the code that was asked for last */
export function createIo(
  surroundings: Surroundings,
  options: () => GlobalOptions,
): { readonly io: Io; exitCode(): ExitCode } {
  const { env, stdout, stderr } = surroundings;
  let code: ExitCode = 0;
  let profile: Profile | undefined;
  let format: Format | undefined;
  const isJson = (): boolean => options().json === true;
  const saidKey = (): string | undefined => options().key ?? (env["CARBON_KEY"] || undefined);
  const isElsewhere = (): boolean => options().url !== undefined || Boolean(env["CARBON_URL"]);
  const hasColour = stdout.isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  const io: Io = {
    env,
    get isJson() {
      return isJson();
    },
    get url() {
      return (options().url ?? (env["CARBON_URL"] || (io.profile.url ?? DEFAULT_URL))).replace(/\/+$/, "");
    },
    get key() {
      // A key belongs to the service that it was kept with: it is not shown to another.
      return saidKey() ?? (isElsewhere() ? undefined : io.profile.key);
    },
    get signWith() {
      // Whoever names another service, or comes with another API key, is not the one whom the profile is of.
      const isOther = isElsewhere() || saidKey() !== undefined;
      return env["CARBON_SIGN_WITH"] || (isOther ? undefined : io.profile.signWith);
    },
    get minBlock() {
      return options().minBlock;
    },
    get tries() {
      const said = Number(env["CARBON_TRIES"]);
      return options().tries ?? (Number.isInteger(said) && said > 0 ? said : DEFAULT_TRIES);
    },
    get profile() {
      profile ??= profileOf(env, options().profile);
      return profile;
    },
    get format() {
      format ??= formatOf(env, options(), io.profile);
      return format;
    },
    out(line) {
      if (!isJson()) stdout.write(`${line}\n`);
    },
    json(value) {
      if (isJson()) stdout.write(`${jsonOf(value, 2)}\n`);
    },
    jsonLine(value) {
      if (isJson()) stdout.write(`${jsonOf(value)}\n`);
    },
    note(line) {
      stderr.write(`${line}\n`);
    },
    paint: (style, text) => (hasColour ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text),
    progress: (label) => createProgress(stderr, label),
    async askSecret(question) {
      if (surroundings.askSecret === undefined) throw new CliError(`${question}: there is nobody to ask.`);
      return surroundings.askSecret(question);
    },
    async readInput() {
      if (surroundings.readInput === undefined) throw new CliError("There is nothing on standard input.");
      return surroundings.readInput();
    },
    seal: (privateKey, password) => sealKeystore(privateKey, password, surroundings.scryptN),
    interrupted: () => surroundings.interrupted?.() ?? new AbortController().signal,
    exit(asked) {
      code = asked;
    },
  };
  return { io, exitCode: () => code };
}

function profileOf(env: Surroundings["env"], asked: string | undefined): Profile {
  const { current, profiles } = readProfiles(env);
  const named = asked ?? (env["CARBON_PROFILE"] || undefined);
  const found = named === undefined ? (current === null ? {} : (profiles[current] ?? {})) : profiles[named];
  if (found === undefined) throw new CliError(`There is no profile ${String(named)}: carbon profiles list`);
  return found;
}

function formatOf(env: Surroundings["env"], options: GlobalOptions, profile: Profile): Format {
  const said = options.locale ?? (env["CARBON_LOCALE"] || profile.locale);
  const zone = options.timeZone ?? (env["CARBON_TIME_ZONE"] || profile.timeZone);
  try {
    return createFormat(said ?? systemLocale(env), zone);
  } catch {
    throw new CliError(`There is no locale ${said ?? "-"} or no time zone ${zone ?? "-"}.`);
  }
}

/** What the system says; something that it alone understands counts as nothing said. */
function systemLocale(env: Surroundings["env"]): string | undefined {
  try {
    return localeTag(env["LC_ALL"] || env["LC_NUMERIC"] || env["LANG"]);
  } catch {
    return undefined;
  }
}

/** Bigints are decimal strings, as in the API. */
function jsonOf(value: unknown, indent?: number): string {
  const text = (_name: string, member: unknown): unknown => (typeof member === "bigint" ? String(member) : member);
  return JSON.stringify(value, text, indent);
}
