import { Argument, Option, type Command } from "commander";

import type { Issuance, IssuanceStatus } from "../client/types.js";
import { perform, withAct, type ActOptions } from "./acts.js";
import { address, code, count, hash, lengthOf, quantity, serials, type SerialBlock } from "./arguments.js";
import { documentOf, type DocumentOptions } from "./documents.js";
import { CliError, type Io, type Register } from "./io.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import { DELAY_HELP, performDelayed, withSchedule, type SchedulingOptions } from "./scheduling.js";
import { fieldLines, type Field } from "./table.js";
import { createWording } from "./wording.js";

const HELP = `
One registrar proposes, another one approves. Nothing is issued beyond what a statement verified.

Examples:
  carbon issuances propose 0x... --batch VN-VCS-1975-2021-01 --vintage 2021 --tonnes 74145 --to 0x...
  carbon issuances list --status proposed
  carbon --profile registrar-2 issuances approve 0x...
  carbon issuances propose 0x... --batch VCS-1-2020 --vintage 2020 --tonnes 725 --to 0x... \\
    --programme VCS --series 13488 --foreign-serials 505972385-505973109`;

/** `carbon issuances`: how units come to be. */
export const registerIssuances: Register = (program, io) => {
  const issuances = program.command("issuances").description("how units come to be").addHelpText("after", HELP);
  addReads(issuances, io);
  addProposal(issuances, io);
  addDecisions(issuances, io);
  addBuffer(issuances, io);
};

const which = (): Argument => new Argument("<id>", "its hash").argParser(hash);

interface ListFilter extends ListOptions {
  readonly status?: IssuanceStatus;
  readonly batch?: string;
}

function addReads(issuances: Command, io: Io): void {
  withPages(issuances.command("list"))
    .description("issuances")
    .addOption(new Option("--status <status>", "only these").choices(["proposed", "approved", "rejected"]))
    .option("--batch <code>", "only that of this batch", code)
    .action(async (options: ListFilter) => {
      const { status, batch } = options;
      const client = clientOf(io);
      await showList(io, options, {
        list: (page) =>
          client.issuances.list({
            ...page,
            ...(status === undefined ? {} : { status }),
            ...(batch === undefined ? {} : { batch }),
          }),
        columns: [
          { title: "batch", of: (one) => one.batch },
          { title: "vintage", of: (one) => String(one.vintage) },
          { title: "issued", of: (one) => io.format.tonnes(one.tonnes), right: true },
          { title: "status", of: (one) => one.status },
          { title: "id", of: (one) => one.id },
        ],
      });
    });
  issuances
    .command("show")
    .description("an issuance")
    .addArgument(which())
    .action(async (id: string) => {
      const issuance = await clientOf(io).issuances.get(id);
      io.json(issuance);
      for (const line of fieldLines(fieldsOf(io, issuance), "")) io.out(line);
    });
}

function addBuffer(issuances: Command, io: Io): void {
  const buffer = issuances
    .command("buffer")
    .description("the account that receives the buffer share of every issuance");
  buffer
    .command("show")
    .description("who receives it")
    .action(async () => {
      const client = clientOf(io);
      const { bufferAccount: account } = await client.chain.get();
      io.json({ account });
      io.out(account === null ? "Nobody yet." : await createWording(client).account(account));
    });
  withSchedule(buffer.command("account"))
    .description("name the account; what an earlier one holds stays there")
    .addArgument(new Argument("<account>", "of a participant that may hold the buffer").argParser(address))
    .addHelpText("after", DELAY_HELP)
    .action(async (account: string, options: SchedulingOptions) => {
      await performDelayed(io, options, {
        title: "Name the receiver of the buffer share",
        fields: [["account", await createWording(clientOf(io)).account(account)]],
        plan: { request: { account } },
        send: (client, write) => client.bufferAccount.set(account, write),
        schedule: (client, write) => client.bufferAccount.schedule(account, write),
      });
    });
}

function fieldsOf(io: Io, issuance: Issuance): Field[] {
  const { id, batch, vintage, tonnes, recipient, foreignBlock, status, statementId, proposer, approver } = issuance;
  const foreign = foreignBlock === null ? null : foreignText(foreignBlock);
  return [
    ["issuance", id],
    ["status", status],
    ["batch", batch],
    ["vintage", String(vintage)],
    ["tonnes", io.format.tonnes(tonnes)],
    ["to", recipient],
    ["imported as", foreign],
    ["statement", statementId],
    ["proposed by", proposer],
    ["decided by", approver],
  ];
}

interface Proposal extends ActOptions, DocumentOptions {
  readonly batch: string;
  readonly vintage: number;
  readonly tonnes: bigint;
  readonly to: string;
  readonly programme?: string;
  readonly series?: string;
  readonly foreignSerials?: readonly SerialBlock[];
}

function addProposal(issuances: Command, io: Io): void {
  withAct(issuances.command("propose"))
    .description("propose to issue units on a statement")
    .addArgument(new Argument("<statement>", "its hash").argParser(hash))
    .requiredOption("--batch <code>", "code of the new batch", code)
    .requiredOption("--vintage <year>", "in the monitoring period", count)
    .requiredOption("--tonnes <number>", "whole tonnes of CO2e", quantity)
    .requiredOption("--to <account>", "who receives them", address)
    .option("--document <file>", "public record of the issuance, a JSON object")
    .option("--programme <name>", "of units that another registry has issued")
    .option("--series <name>", "their series there")
    .addOption(new Option("--foreign-serials <block>", "their serials there").argParser((text) => serials(text)))
    .action(async (statementId: string, options: Proposal) => {
      const { batch, vintage, tonnes, to } = options;
      const foreignBlock = foreignOf(options);
      const document = await documentOf(options);
      const body = { statementId, batch, vintage, tonnes, recipient: to, document };
      const whole = foreignBlock === undefined ? body : { ...body, foreignBlock };
      await perform(io, options, {
        title: "Propose an issuance",
        fields: [
          ["batch", batch],
          ["vintage", String(vintage)],
          ["tonnes", io.format.tonnes(tonnes)],
          ["to", options.dryRun === true ? await createWording(clientOf(io)).account(to) : to],
          ["statement", statementId],
          ["imported as", foreignBlock === undefined ? null : foreignText(foreignBlock)],
        ],
        plan: { request: whole },
        send: (client, write) => client.issuances.propose(whole, write),
        hint: ({ result }) =>
          `Another registrar approves it: carbon issuances approve ${String(result?.["issuanceId"])}`,
      });
    });
}

function foreignOf({ programme, series, foreignSerials, tonnes }: Proposal) {
  if (programme === undefined && series === undefined && foreignSerials === undefined) return undefined;
  const [block, ...more] = foreignSerials ?? [];
  if (programme === undefined || series === undefined || block === undefined || more.length > 0) {
    throw new CliError("Imported units have --programme, --series and --foreign-serials with one block.");
  }
  if (lengthOf([block]) !== tonnes) throw new CliError("The block of serials is not as long as there are tonnes.");
  return { programme, series, ...block };
}

function foreignText({ programme, series, start, end }: NonNullable<ReturnType<typeof foreignOf>>): string {
  return `${programme} ${series}, serials ${start}-${end}`;
}

function addDecisions(issuances: Command, io: Io): void {
  withAct(issuances.command("approve"))
    .description("issue what another registrar proposed")
    .addArgument(which())
    .action(async (id: string, options: ActOptions) => {
      // Whoever approves shall see what: the hash says nothing to a person.
      const issuance = await clientOf(io).issuances.get(id);
      await perform(io, options, {
        title: "Approve an issuance",
        fields: fieldsOf(io, issuance),
        send: (client, write) => client.issuances.approve(id, write),
      });
    });
  withAct(issuances.command("reject"))
    .description("refuse what another registrar proposed")
    .addArgument(which())
    .requiredOption("--reason <reason>", "why")
    .action(async (id: string, options: ActOptions & { readonly reason: string }) => {
      await perform(io, options, {
        title: "Reject an issuance",
        fields: [
          ["issuance", id],
          ["reason", options.reason],
        ],
        send: (client, write) => client.issuances.reject(id, options.reason, write),
      });
    });
}
