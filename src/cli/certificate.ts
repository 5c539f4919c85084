import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Argument, Option } from "commander";
import { LANGUAGES } from "../certificates/words.js";
import { parseTrust, TrustError, verifyFile } from "../verify/verify.js";
import { ask } from "./api.js";
import { retirementNumber } from "./arguments.js";
import { CliError, type Io, type Register } from "./io.js";

interface Options {
  readonly language: string;
  readonly out?: string;
}

/** What `carbon verify` reads when it is told nothing else. */
const TRUST_FILE = "carbon-trust.json";

/** `carbon certificate`: the PDF of a retirement, with all that is needed to check it without the service. */
export const registerCertificate: Register = (program, io) => {
  program
    .command("certificate")
    .description("fetch the certificate of a retirement: a PDF that carries its proof")
    .addArgument(new Argument("<id>", "number of the retirement").argParser(retirementNumber))
    .addOption(new Option("--language <language>", "of the page").choices([...LANGUAGES]).default("vi"))
    .option("--out <file>", "where it goes (certificate-ID.pdf)")
    .action(async (id: string, { language, out }: Options) => {
      const file = out ?? `certificate-${id}.pdf`;
      const pdf = await bytesOf(await ask(io, `/retirements/${id}/certificate.pdf?language=${language}`));
      await write(file, pdf);
      const trust = await keepTrust(io, join(dirname(file), TRUST_FILE));
      const doubt = trust.isNew ? null : await doubtOf(pdf, trust.file);
      const sums = { bytes: pdf.length, sha256: sha256(pdf) };
      io.json({ retirementId: id, language, file, ...sums, trustFile: trust, doubt });
      io.out(`${file}: certificate of retirement ${id}, ${pdf.length} bytes.`);
      io.out(`Check it, with or without the service: carbon verify ${file} --trust ${trust.file}`);
      if (doubt === null) return;
      io.note(`${trust.file}, which was there before, does not speak for it: ${doubt}`);
      io.note(
        "Of another ledger, or of one that began anew? Then put that file aside, and fetch the certificate again.",
      );
    });
};

/** Without a trust file a certificate cannot be checked; one that is there is somebody's decision, and stays. */
async function keepTrust(io: Io, file: string) {
  if (existsSync(file)) return { file, isNew: false };
  const bytes = await bytesOf(await ask(io, "/trust"));
  await write(file, bytes);
  io.note(`${file} was taken from the service itself, which is trust on first use.`);
  io.note(`Compare its SHA-256 with what the institutions publish elsewhere: ${sha256(bytes)}`);
  return { file, isNew: true, sha256: sha256(bytes) };
}

/** Why the trust file that is there refuses the certificate; null when it does not. */
async function doubtOf(pdf: Uint8Array, file: string): Promise<string | null> {
  try {
    const { reasons } = verifyFile(pdf, parseTrust(await readFile(file)));
    return reasons[0]?.message ?? null;
  } catch (error) {
    if (error instanceof TrustError) return error.message;
    throw new CliError(`${file} cannot be read.`, { cause: error });
  }
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

async function write(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(file, bytes);
  } catch (error) {
    throw new CliError(`${file} cannot be written.`, { cause: error });
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
