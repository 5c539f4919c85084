import { readFile, stat } from "node:fs/promises";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Option } from "commander";

import type { ExportFacts, Facts, SerialRun, TrustFile, Verdict } from "../verify/types.js";
import { parseTrust, TrustError, verifyFile, type VerifyOptions } from "../verify/verify.js";
import { CliError, type Register } from "./io.js";

const TRUST_FILE = "carbon-trust.json";
/** What is read into memory at most: the verifier refuses less than this already. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

interface Options {
  readonly trust: string;
  readonly name?: string;
  readonly identifier?: string;
  readonly salt?: string;
  readonly data?: string;
}

const HELP = `
FILE is a proof pack (JSON), a certificate (PDF) or the manifest of an export. Nothing is asked of any network or database: what is
believed is in the trust file alone. Compare its SHA-256 with the one that the institution publishes elsewhere.`;

/** `carbon verify FILE`: 0 accepted, 1 rejected. */
export const registerVerify: Register = (program, io) => {
  program
    .command("verify")
    .description("checks a proof pack, a certificate or an export, offline")
    .argument("<file>", "what to check")
    .addOption(new Option("--trust <file>", "whom to believe").default(TRUST_FILE))
    .option("--name <name>", "name of the natural person whom the retirement was for (with --salt)")
    .option("--identifier <id>", "that person's identifier, if the commitment has one")
    .option("--salt <hex>", "the commitment's salt: 32 bytes as 0x and hex")
    .option("--data <file>", "the exported file that the manifest describes")
    .addHelpText("after", HELP)
    .action(async (path: string, options: Options) => {
      const trust = await trustFrom(options.trust);
      const bytes = await readWhole(path);
      const verdict = verifyFile(bytes, trust, { person: personOf(options), file: await describe(options.data) });
      io.json(verdict);
      for (const line of linesOf(verdict)) io.out(line);
      io.exit(verdict.accepted ? 0 : 1);
    });
};

async function trustFrom(path: string): Promise<TrustFile> {
  try {
    return parseTrust(await readWhole(path));
  } catch (error) {
    if (error instanceof TrustError) throw new CliError(`${path} is no trust file: ${error.message}`, { cause: error });
    throw error;
  }
}

async function readWhole(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) throw new CliError(`${path} has ${size} bytes; at most ${MAX_FILE_BYTES} are read.`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function personOf({ name, identifier, salt }: Options): VerifyOptions["person"] {
  if (name === undefined && salt === undefined && identifier === undefined) return undefined;
  if (name === undefined || salt === undefined)
    throw new CliError("A person is confirmed by --name and --salt together.");
  return { name, identifier: identifier ?? null, salt };
}

/** Of any size: an export may be larger than memory. */
async function describe(path: string | undefined): Promise<VerifyOptions["file"]> {
  if (path === undefined) return undefined;
  const hash = createHash("sha256");
  let bytes = 0n;
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += BigInt(chunk.length);
    }
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return { bytes, sha256: `0x${hash.digest("hex")}` };
}

function linesOf({ accepted, kind, reasons, facts }: Verdict): string[] {
  const what = kind === "unknown" ? "" : ` (${kind})`;
  const reasonLines = reasons.map(({ code, message }) => `  ${code}: ${message}`);
  return [`${accepted ? "ACCEPTED" : "REJECTED"}${what}`, ...reasonLines, ...(facts === null ? [] : factLines(facts))];
}

function factLines(facts: Facts): string[] {
  if (facts.kind === "export") return exportLines(facts);
  const { blockNumber, blockHash, account, batch, tonnes, blocks } = facts;
  const units: [string, string | null][] = [
    ["Units", `${tonnes} t of ${batch}, serials ${serialsOf(blocks)}`],
    ["Account", account],
  ];
  const place: [string, string] = ["Proven in block", `${blockNumber}, ${blockHash}`];
  if (facts.kind === "holding") return table([...units, ["Frozen", `${facts.frozenTonnes} t`], place]);
  return table([
    ["Retirement", facts.retirementId],
    ...units,
    ["Retired at", timeOf(facts.retiredAt)],
    ["Beneficiary", facts.beneficiary || null],
    ["Beneficiary id", facts.beneficiaryId || null],
    ["Commitment", facts.beneficiaryCommitment],
    ["Person", facts.personConfirmed === true ? "confirmed: the commitment is to this name" : null],
    ["Purpose", facts.purpose],
    ["Reason", facts.reason || null],
    ["Details", facts.details || null],
    ["Consumed in", facts.consumptionCountry],
    ["Consumed from", facts.consumptionPeriodStart],
    ["Consumed until", facts.consumptionPeriodEnd],
    ["Record hash", facts.recordHash],
    place,
  ]);
}

function exportLines(facts: ExportFacts): string[] {
  const { subject, fileFormat, query, rows, bytes, blockNumber, blockHash, finishedAt, signer, fileChecked } = facts;
  return table([
    ["Subject", `${subject}, as ${fileFormat}`],
    ["Asked for", query === "{}" ? "all" : query],
    ["Up to block", `${blockNumber}, ${blockHash}`],
    ["Size", `${rows} rows, ${bytes} bytes`],
    ["Signed", `${timeOf(finishedAt)}, by ${signer}`],
    ["The file", fileChecked ? "is the one that was signed for" : "was not looked at: name it with --data"],
  ]);
}

function serialsOf(blocks: readonly SerialRun[]): string {
  const shown = blocks.slice(0, 20).map(({ start, end }) => (start === end ? start : `${start}-${end}`));
  const more = blocks.length > shown.length ? ` and ${blocks.length - shown.length} blocks more` : "";
  return blocks.length === 0 ? "none" : shown.join(", ") + more;
}

function table(rows: readonly (readonly [string, string | null])[]): string[] {
  return rows.flatMap(([name, value]) => (value === null ? [] : [`  ${name.padEnd(16)} ${printable(value)}`]));
}

/** Unix seconds for people; as they are where no calendar reaches. */
function timeOf(seconds: string): string {
  const time = new Date(Number(seconds) * 1000);
  return Number.isNaN(time.getTime()) ? `second ${seconds}` : time.toISOString();
}

/** What a record says is another's text: no character of it may command the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ");
}
