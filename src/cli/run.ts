import { Command, CommanderError, Help, InvalidArgumentError, type Option } from "commander";
import { ApiProblem, ApiUnreachable } from "../client/problem.js";
import { VERSION } from "../version.js";
import { problemLines } from "./acts.js";
import { count, serviceUrl, wholeNumber } from "./arguments.js";
import { COMMAND_GROUPS, type CommandGroup } from "./commands.js";
import { checkTimeZone, localeTag } from "./format.js";
import {
  CliError,
  createIo,
  DEFAULT_TRIES,
  DEFAULT_URL,
  type ExitCode,
  type GlobalOptions,
  type Register,
  type Surroundings,
} from "./io.js";

const EXIT_CODES = `
Exit codes: 0 yes, 1 no (refused, rejected, discrepancies, findings), 2 not understood, 3 could not be done.
The answer goes to standard output (with --json: one JSON document), everything else to standard error.
Numbers are whole: tonnes, and minor units of the currency. An option stands before the environment, the environment before the profile.

Begin with:
  carbon profiles add mine --service http://127.0.0.1:3000 --api-key cl_...   where the service is, and who you are
  carbon keys new office                                                      a key of your own, encrypted
  carbon status                                                               whether all is well
  carbon holdings --blocks                                                    what you have, serial by serial
  carbon retire VN-1-2024 100 --purpose voluntary --beneficiary "Firm" --dry-run
  source <(carbon completion bash)                                            commands and options with the Tab key`;

const EVERYWHERE = "\nEvery command takes --json, --profile, --key, --url and more: carbon --help";

/** What must be said stands first, and says so. */
function visibleOptions(this: Help, command: Command): Option[] {
  const options = Help.prototype.visibleOptions.call(this, command);
  return [...options.filter(({ mandatory }) => mandatory), ...options.filter(({ mandatory }) => !mandatory)];
}

function optionDescription(this: Help, option: Option): string {
  const text = Help.prototype.optionDescription.call(this, option);
  return option.mandatory ? `${text} (required)` : text;
}

/**
 * Runs one command line.
 * @param args Without the program's name.
 * @returns what the process should end with
 */
export async function runCli(
  args: readonly string[],
  surroundings: Surroundings,
  commands: readonly (Register | CommandGroup)[] = COMMAND_GROUPS,
): Promise<ExitCode> {
  const { stdout, stderr } = surroundings;
  const program = new Command("carbon")
    .description("The carbon ledger from the command line: hold, trade, retire, issue, audit, verify.")
    .version(VERSION)
    .option("--json", "answer with one JSON document")
    .option("--url <url>", `where the service is (CARBON_URL, ${DEFAULT_URL})`, serviceUrl)
    .option("--key <key>", "API key (CARBON_KEY)")
    .option("--tries <number>", `how often to ask when there is no answer (CARBON_TRIES, ${DEFAULT_TRIES})`, count)
    .option(
      "--min-block <number>",
      "read nothing that does not know this block yet, as that of an own act",
      wholeNumber,
    )
    .option("--profile <name>", "settings kept under this name (CARBON_PROFILE)")
    .option("--locale <locale>", "how numbers and dates are shown, as vi-VN (CARBON_LOCALE)", known(localeTag))
    .option("--time-zone <zone>", "of the times shown, as Asia/Ho_Chi_Minh (CARBON_TIME_ZONE)", known(checkTimeZone))
    .addHelpText("after", EXIT_CODES)
    .addHelpText("afterAll", ({ command }) => (command.parent === null ? "" : EVERYWHERE))
    .configureHelp({ optionDescription, visibleOptions })
    .showHelpAfterError("(carbon --help says more)")
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .exitOverride();
  const { io, exitCode } = createIo(surroundings, () => program.opts<GlobalOptions>());
  for (const entry of commands) {
    if (typeof entry === "function") {
      entry(program, io);
      continue;
    }
    program.commandsGroup(entry.heading);
    for (const register of entry.commands) register(program, io);
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof ApiProblem) {
      io.json({ problem: error.problem });
      for (const line of problemLines(error.problem)) stderr.write(`${line}\n`);
      return 3;
    }
    const isForeseen = error instanceof CliError || error instanceof ApiUnreachable;
    stderr.write(`${error instanceof Error ? (isForeseen ? error.message : error.stack) : String(error)}\n`);
    return 3;
  }
}

/** A value that must be one that this machine knows. */
function known(check: (text: string) => unknown): (text: string) => string {
  return (text) => {
    try {
      check(text);
      return text;
    } catch {
      throw new InvalidArgumentError("There is no such thing.");
    }
  };
}
