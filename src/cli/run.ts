import { Command, CommanderError } from "commander";
import { VERSION } from "../version.js";
import { COMMANDS } from "./commands.js";
import {
  CliError,
  createIo,
  DEFAULT_URL,
  type ExitCode,
  type GlobalOptions,
  type Register,
  type Surroundings,
} from "./io.js";

const EXIT_CODES = `
Exit codes: 0 yes, 1 no (rejected, discrepancies, findings), 2 not understood, 3 could not be done.
The answer goes to standard output (with --json: one JSON document), everything else to standard error.`;

/**
 * Runs one command line.
 * @param args Without the program's name.
 * @returns what the process should end with
 */
export async function runCli(
  args: readonly string[],
  surroundings: Surroundings,
  commands: readonly Register[] = COMMANDS,
): Promise<ExitCode> {
  const { stdout, stderr } = surroundings;
  const program = new Command("carbon")
    .description("Verifies, exports and audits the carbon ledger.")
    .version(VERSION)
    .option("--json", "answer with one JSON document")
    .option("--url <url>", `where the service is (CARBON_URL, ${DEFAULT_URL})`)
    .option("--key <key>", "API key (CARBON_KEY)")
    .addHelpText("after", EXIT_CODES)
    .showHelpAfterError("(carbon --help says more)")
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .exitOverride();
  const { io, exitCode } = createIo(surroundings, () => program.opts<GlobalOptions>());
  for (const register of commands) register(program, io);
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const isForeseen = error instanceof CliError;
    stderr.write(`${error instanceof Error ? (isForeseen ? error.message : error.stack) : String(error)}\n`);
    return 3;
  }
}
