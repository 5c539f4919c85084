import { InvalidArgumentError } from "commander";

import { ask } from "./api.js";
import { retirementNumber } from "./arguments.js";
import { sha256Of, writeOutput } from "./files.js";
import type { Io, Register } from "./io.js";

/** `carbon proof`: proof packs, byte for byte as the service gives them. */
export const registerProof: Register = (program, io) => {
  const proof = program.command("proof").description("fetch a proof pack, to be checked by carbon verify");
  proof
    .command("retirement")
    .description("that a retirement is in the ledger as its record says")
    .argument("<id>", "number of the retirement", retirementNumber)
    .option("--out <file>", "where it goes (retirement-ID.proof.json)")
    .action((id: string, { out }: { readonly out?: string }) =>
      fetchPack(io, `/retirements/${id}/proof`, out ?? `retirement-${id}.proof.json`),
    );
  proof
    .command("holding")
    .description("what an account holds of a batch as of a block; needs a key")
    .argument("<account>", "address")
    .argument("<batch>", "code of the batch")
    .option("--block <number>", "as of this block (the newest checkpoint's)", blockNumber)
    .option("--out <file>", "where it goes (ACCOUNT-BATCH.proof.json)")
    .action((account: string, batch: string, { block, out }: { readonly block?: string; readonly out?: string }) => {
      const path = `/holdings/${encodeURIComponent(account)}/${encodeURIComponent(batch)}/proof`;
      const query = block === undefined ? "" : `?block=${block}`;
      return fetchPack(io, `${path}${query}`, out ?? `${account}-${batch}.proof.json`.replaceAll(/[^\w.-]/g, "_"));
    });
};

async function fetchPack(io: Io, path: string, file: string): Promise<void> {
  const bytes = new Uint8Array(await (await ask(io, path)).arrayBuffer());
  await writeOutput(file, bytes);
  io.json({ file, bytes: bytes.length, sha256: sha256Of(bytes) });
  io.out(`${file}: a proof pack of ${bytes.length} bytes.`);
  io.out(`Check it, with or without the service: carbon verify ${file}`);
}

function blockNumber(text: string): string {
  if (!/^(0|[1-9]\d{0,15})$/.test(text)) throw new InvalidArgumentError("It must be a block number.");
  return text;
}
