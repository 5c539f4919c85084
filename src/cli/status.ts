import { CliError, type Register } from "./io.js";
import { clientOf } from "./lists.js";
import { fieldLines, type Field } from "./table.js";

/** `carbon status`: whether all is well, and with whom one speaks. */
export const registerStatus: Register = (program, io) => {
  program
    .command("status")
    .description("whether all is well with the service and its chain, and which keys you use")
    .addHelpText("after", "\nExample:\n  carbon status --url https://ledger.example")
    .action(async () => {
      const chain = await clientOf(io).chain.get();
      const readiness = await readinessOf(io.url);
      const behind = chain.head.number - chain.projected.number;
      io.json({ url: io.url, ready: readiness, chain });
      const fields: Field[] = [
        ["service", io.url],
        ["ready", readiness ? "yes" : "no"],
        ["chain", `${chain.name} (chain id ${chain.chainId})`],
        ["latest block", `${io.format.integer(chain.head.number)}, ${io.format.time(chain.head.timestamp)}`],
        ["readable up to", behind === 0 ? "the latest block" : `${io.format.integer(behind)} blocks before it`],
        ["units", chain.paused ? "paused: nothing moves" : null],
        ["API key", io.key === undefined ? "none: public reads only" : `${io.key.slice(0, 19)}...`],
        ["signs with", io.signWith ?? "no key of this machine"],
      ];
      for (const line of fieldLines(fields, "")) io.out(line);
      if (!readiness) io.exit(1);
    });
};

async function readinessOf(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(10_000) })).ok;
  } catch (error) {
    throw new CliError(`The service cannot be reached at ${url}.`, { cause: error });
  }
}
