import { ask } from "./api.js";
import { sha256Of, TRUST_FILE, writeOutput } from "./files.js";
import type { Register } from "./io.js";

/** `carbon trust`: the trust file as the service offers it. */
export const registerTrust: Register = (program, io) => {
  program
    .command("trust")
    .description("fetch the trust file: whom carbon verify believes")
    .option("--out <file>", "where it goes", TRUST_FILE)
    .action(async ({ out }: { readonly out: string }) => {
      const bytes = new Uint8Array(await (await ask(io, "/trust")).arrayBuffer());
      await writeOutput(out, bytes);
      const sha256 = sha256Of(bytes);
      io.json({ file: out, sha256 });
      io.out(`${out}: SHA-256 ${sha256}`);
      io.note("It comes from the service itself: compare this hash with what the institutions publish elsewhere.");
    });
};
