import { parseArgs } from "node:util";

export interface StartArguments {
  /** Begin again: delete what is in the data directory. */
  readonly fresh: boolean;
  /** Play the sample scenario. */
  readonly pilot: boolean;
  readonly help: boolean;
  /** Settings that stand before those of the environment. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The arguments cannot be understood: the message says which. */
export class UsageError extends Error {
  constructor(message: string) {
    super(`${message}\n\n${HELP}`);
    this.name = "UsageError";
  }
}

export const HELP = `npm start -- [options]

Starts the ledger: a chain, a database and the API, all on this machine. At the first start it plays a sample scenario; at a later
start everything is as it was left, and a scenario that was interrupted goes on.

  --no-pilot          do not play the sample scenario: the ledger stays as it is (empty, at the first start)
  --fresh             delete what is in the data directory and begin again
  --port <number>     where the API listens (PORT; 3000)
  --data-dir <path>   where everything is kept (DATA_DIR; ./data)
  --help              this text

All other settings come from the environment: see .env.example.`;

/** Parses the command line. @throws UsageError */
export function parseStartArguments(args: readonly string[]): StartArguments {
  const values = parse(args);
  return {
    fresh: values.fresh ?? false,
    pilot: !(values["no-pilot"] ?? false),
    help: values.help ?? false,
    settings: {
      ...(values.port === undefined ? {} : { PORT: values.port }),
      ...(values["data-dir"] === undefined ? {} : { DATA_DIR: values["data-dir"] }),
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        fresh: { type: "boolean" },
        "no-pilot": { type: "boolean" },
        port: { type: "string" },
        "data-dir": { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
