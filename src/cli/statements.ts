import { Argument } from "commander";

import { keccak256Of } from "../chain/keccak.js";
import { createVerifier } from "../client/firm.js";
import type { Statement } from "../client/types.js";
import { perform, tellPlan, withAct, type ActOptions } from "./acts.js";
import { address, code, day, hash, quantity } from "./arguments.js";
import { readInput } from "./files.js";
import { CliError, type Io, type Register } from "./io.js";
import { findKeystore, passwordOf, unlock, withPassword, type PasswordOptions } from "./keystores.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import { tellBefore } from "./signing.js";
import { fieldLines, type Field } from "./table.js";

const HELP = `
A statement says what a monitoring period achieved. It is signed by a verification body: here, with --sign-with, or by the service for the
API key of a verifier whose key it keeps.

Examples:
  carbon statements list --project VN-VCS-1975
  carbon statements record VN-VCS-1975 --from 2021-01-01 --until 2021-12-31 --tonnes 74145 --report report.pdf --sign-with vvb`;

/** `carbon statements`: what a verification body says about a monitoring period. */
export const registerStatements: Register = (program, io) => {
  const statements = program
    .command("statements")
    .description("what verification bodies say about monitoring periods")
    .addHelpText("after", HELP);
  withPages(statements.command("list"))
    .description("statements")
    .option("--project <code>", "only those about this project", code)
    .option("--verifier <address>", "only those of this one", address)
    .action(async (options: ListOptions & { readonly project?: string; readonly verifier?: string }) => {
      const { project, verifier } = options;
      const client = clientOf(io);
      await showList(io, options, {
        list: (page) =>
          client.statements.list({
            ...page,
            ...(project === undefined ? {} : { projectCode: project }),
            ...(verifier === undefined ? {} : { verifier }),
          }),
        columns: [
          { title: "project", of: (one) => one.projectCode },
          { title: "from", of: (one) => one.periodStart },
          { title: "until", of: (one) => one.periodEnd },
          { title: "verified", of: (one) => io.format.tonnes(one.verifiedTonnes), right: true },
          { title: "claimed", of: (one) => io.format.tonnes(one.claimedTonnes), right: true },
          { title: "id", of: (one) => one.id },
        ],
      });
    });
  statements
    .command("show")
    .description("a statement")
    .addArgument(new Argument("<id>", "its hash").argParser(hash))
    .action(async (id: string) => {
      const statement = await clientOf(io).statements.get(id);
      io.json(statement);
      for (const line of fieldLines(fieldsOf(io, statement), "")) io.out(line);
    });
  withPassword(withAct(statements.command("record")))
    .description("sign a statement and record it")
    .addArgument(new Argument("<project>", "code of the project").argParser(code))
    .requiredOption("--from <day>", "first day of the monitoring period", day)
    .requiredOption("--until <day>", "its last day", day)
    .requiredOption("--tonnes <number>", "what was verified, whole tonnes of CO2e", quantity)
    .option("--report <file>", "the verification report: its keccak-256 is signed")
    .option("--report-hash <hash>", "that hash, when the report is elsewhere", hash)
    .option("--sign-with <key>", "the verification body's key on this machine")
    .action(async (project: string, options: RecordOptions) => record(io, project, options));
};

function fieldsOf(io: Io, statement: Statement): Field[] {
  const { id, projectCode, periodStart, periodEnd, verifiedTonnes, claimedTonnes, verifier, reportHash } = statement;
  return [
    ["statement", id],
    ["project", projectCode],
    ["period", `${periodStart} to ${periodEnd}`],
    ["verified", io.format.tonnes(verifiedTonnes)],
    ["claimed so far", io.format.tonnes(claimedTonnes)],
    ["verifier", verifier],
    ["report hash", reportHash],
  ];
}

interface RecordOptions extends ActOptions, PasswordOptions {
  readonly from: string;
  readonly until: string;
  readonly tonnes: bigint;
  readonly report?: string;
  readonly reportHash?: string;
  readonly signWith?: string;
}

async function record(io: Io, project: string, options: RecordOptions): Promise<void> {
  const { from, until, tonnes, signWith } = options;
  const statement = {
    projectCode: project,
    periodStart: from,
    periodEnd: until,
    verifiedTonnes: tonnes,
    reportHash: await reportHashOf(options),
  };
  const fields: Field[] = [
    ["project", project],
    ["period", `${from} to ${until}`],
    ["verified", io.format.tonnes(tonnes)],
    ["report hash", statement.reportHash],
  ];
  const title = "Verify a monitoring period";
  const keystoreName = signWith ?? io.signWith;
  if (keystoreName === undefined) {
    await perform(io, options, {
      title,
      fields: [["signed by", "the service, with the verifier's key that it keeps"], ...fields],
      plan: { request: { statement } },
      send: (client, write) => client.statements.record({ statement }, write),
    });
    return;
  }
  const keystore = await findKeystore(io.env, keystoreName);
  const client = clientOf(io);
  if (keystore.address === null) throw new CliError(`${keystore.file} does not name its account: import it anew.`);
  const preview = createVerifier({ client, signer: { address: keystore.address, signTypedData: async () => "0x" } });
  const { statementId } = await preview.signStatement(statement);
  const said: Field[] = [["signed by", keystore.address], ...fields, ["EIP-712 hash", statementId]];
  if (options.dryRun === true) {
    tellPlan(io, title, said, { statement, hash: statementId });
    return;
  }
  tellBefore(io, title, said);
  const signer = await unlock(keystore, await passwordOf(io, options, `Password of the key ${keystore.name}`));
  const signed = await createVerifier({ client, signer }).signStatement(statement);
  await perform(io, options, {
    title,
    fields: said,
    send: (to, write) => to.statements.record({ statement: signed.statement, signature: signed.signature }, write),
  });
}

async function reportHashOf({ report, reportHash }: RecordOptions): Promise<string> {
  if ((report === undefined) === (reportHash === undefined)) throw new CliError("Either --report or --report-hash.");
  if (report === undefined) return reportHash ?? "";
  return `0x${Buffer.from(keccak256Of(await readInput(report))).toString("hex")}`;
}
