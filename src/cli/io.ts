import type { Command } from "commander";
import { createProgress, type Progress } from "./progress.js";

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
}

/** How a command speaks: its answer goes to standard output, everything else to standard error. */
export interface Io {
  /** True with `--json`: the answer is one JSON document. */
  readonly isJson: boolean;
  /** Where the service is, without a slash at its end. */
  readonly url: string;
  /** API key, when there is one. */
  readonly key: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A line of the answer, for people; nothing with `--json`. */
  out(line: string): void;
  /** The answer as JSON; nothing without `--json`. */
  json(value: unknown): void;
  /** A line beside the answer. */
  note(line: string): void;
  /** A bar, where a person watches. */
  progress(label: string): Progress;
  /** The code that the process ends with when the command is done; 0 when it says nothing. */
  exit(code: ExitCode): void;
}

/** Adds a command to the program. */
export type Register = (program: Command, io: Io) => void;

/** Why a command could not be done, in words for people: exit code 3. */
export class CliError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CliError";
  }
}

export interface GlobalOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly key?: string;
}

export const DEFAULT_URL = "http://127.0.0.1:3000";

/** @param options The global options, once they are parsed. @returns also the code that was asked for last */
export function createIo(
  { env, stdout, stderr }: Surroundings,
  options: () => GlobalOptions,
): { readonly io: Io; exitCode(): ExitCode } {
  let code: ExitCode = 0;
  const isJson = (): boolean => options().json === true;
  const io: Io = {
    env,
    get isJson() {
      return isJson();
    },
    get url() {
      return (options().url ?? (env["CARBON_URL"] || DEFAULT_URL)).replace(/\/+$/, "");
    },
    get key() {
      return options().key ?? (env["CARBON_KEY"] || undefined);
    },
    out(line) {
      if (!isJson()) stdout.write(`${line}\n`);
    },
    json(value) {
      if (isJson()) stdout.write(`${jsonOf(value)}\n`);
    },
    note(line) {
      stderr.write(`${line}\n`);
    },
    progress: (label) => createProgress(stderr, label),
    exit(asked) {
      code = asked;
    },
  };
  return { io, exitCode: () => code };
}

/** Bigints are decimal strings, as in the API. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => (typeof member === "bigint" ? String(member) : member), 2);
}
