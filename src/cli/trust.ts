import { ask } from "./api.js";
import { wholeNumber } from "./arguments.js";
import { sha256Of, TRUST_FILE, writeOutput } from "./files.js";
import type { Register } from "./io.js";

/** `carbon trust`: the trust file as the service offers it. */
export const registerTrust: Register = (program, io) => {
  program
    .command("trust")
    .description("fetch the trust file: whom carbon verify believes")
    .option("--out <file>", "where it goes", TRUST_FILE)
    .option(
      "--block <number>",
      "with the validators of this block, where the chain's validators seal blocks",
      wholeNumber,
    )
    .action(async ({ out, block }: { readonly out: string; readonly block?: bigint }) => {
      const path = block === undefined ? "/trust" : `/trust?block=${block}`;
      const bytes = new Uint8Array(await (await ask(io, path)).arrayBuffer());
      await writeOutput(out, bytes);
      const sha256 = sha256Of(bytes);
      io.json({ file: out, sha256 });
      io.out(`${out}: SHA-256 ${sha256}`);
      io.note("It comes from the service itself: compare this hash with what the institutions publish elsewhere.");
    });
};
