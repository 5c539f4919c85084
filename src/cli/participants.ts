import { Argument, Option, type Command } from "commander";

import type { Capability, Operation, Participant, ParticipantStatus } from "../client/types.js";
import { perform, textOf, withAct, type ActOptions } from "./acts.js";
import { address, count, list, moment } from "./arguments.js";
import { documentOf, type DocumentOptions } from "./documents.js";
import { CliError, type Io, type Register } from "./io.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import { fieldLines, type Field } from "./table.js";

const CAPABILITIES = ["trade-allowances", "trade-credits", "develop-projects", "hold-buffer"] as const;

const HELP = `
Admitting, updating and closing need the API key of a registrar, suspending and reinstating that of a compliance officer.

Examples:
  carbon participants list --status active
  carbon participants admit --tax-code 0400101549 --name "Firm" --account 0x... --capabilities trade-credits --kyc-until 2028-12-31
  carbon participants admit --tax-code 0400101549 --name "Firm" --managed --capabilities trade-credits --kyc-until 2028-12-31
  carbon participants suspend 18 --reason "Licence withdrawn" --dry-run`;

/** `carbon participants`: who may act. */
export const registerParticipants: Register = (program, io) => {
  const participants = program
    .command("participants")
    .description("who may act on the ledger")
    .addHelpText("after", HELP);
  addReads(participants, io);
  addAdmission(participants, io);
  addStatus(participants, io);
  addAccounts(participants, io);
};

const number = (): Argument => new Argument("<participant>", "number of the participant").argParser(count);

interface ListFilter extends ListOptions {
  readonly status?: ParticipantStatus;
  readonly taxCode?: string;
  readonly capability?: Capability;
}

function addReads(participants: Command, io: Io): void {
  withPages(participants.command("list"))
    .description("participants, by number")
    .addOption(new Option("--status <status>", "only these").choices(["active", "suspended", "closed"]))
    .option("--tax-code <code>", "only the one with this tax code")
    .addOption(new Option("--capability <capability>", "only those that may").choices(CAPABILITIES))
    .action(async (options: ListFilter) => {
      const { status, taxCode, capability } = options;
      const client = clientOf(io);
      await showList(io, options, {
        list: (page) =>
          client.participants.list({
            ...page,
            ...(status === undefined ? {} : { status }),
            ...(taxCode === undefined ? {} : { taxCode }),
            ...(capability === undefined ? {} : { capability }),
          }),
        columns: [
          { title: "no", of: ({ id }) => String(id), right: true },
          { title: "tax code", of: (one) => one.taxCode },
          { title: "status", of: (one) => one.status },
          { title: "accounts", of: ({ accounts }) => String(accounts.length), right: true },
          { title: "name", of: (one) => one.name ?? "-" },
        ],
      });
    });
  participants
    .command("show")
    .description("a participant and its accounts")
    .addArgument(number())
    .action(async (id: number) => {
      const participant = await clientOf(io).participants.get(id);
      io.json(participant);
      for (const line of fieldLines(fieldsOf(io, participant), "")) io.out(line);
    });
}

function fieldsOf(io: Io, participant: Participant): Field[] {
  const { id, name, taxCode, status, capabilities, kycExpiresAt, accounts, admittedBlock } = participant;
  return [
    ["participant", String(id)],
    ["name", name],
    ["tax code", taxCode],
    ["status", status],
    ["may", capabilities.join(", ")],
    ["identified until", io.format.time(kycExpiresAt)],
    ...accounts.map(({ address: account, status: state, managed }): Field => {
      return ["account", `${account} (${state}, ${managed ? "kept by the service" : "own key"})`];
    }),
    ["admitted in block", io.format.integer(admittedBlock)],
  ];
}

interface Identity extends DocumentOptions, ActOptions {
  readonly capabilities: readonly Capability[];
  readonly kycUntil: string;
}

interface Admission extends Identity {
  readonly taxCode: string;
  readonly account?: string;
  readonly managed?: true;
}

function withIdentity(command: Command): Command {
  return withAct(command)
    .requiredOption("--capabilities <list>", `with commas: ${CAPABILITIES.join(", ")}`, list)
    .requiredOption("--kyc-until <time>", "until when its identity is confirmed", moment)
    .option("--name <name>", "of the organisation, in its public record")
    .option("--document <file>", "its public record, a JSON object without personal data");
}

function addAdmission(participants: Command, io: Io): void {
  withIdentity(participants.command("admit"))
    .description("admit an organisation with its first account")
    .requiredOption("--tax-code <code>", "its tax code: one participant each")
    .option("--account <address>", "an account whose key it holds itself", address)
    .option("--managed", "an account whose key the service keeps")
    .action(async (options: Admission) => {
      const { taxCode, capabilities, kycUntil, account, managed } = options;
      if ((account === undefined) === (managed === undefined)) throw new CliError("Either --account or --managed.");
      const document = await documentOf(options);
      const body = { taxCode, capabilities, kycExpiresAt: kycUntil, document };
      await perform(io, options, {
        title: "Admit a participant",
        fields: [
          ["name", textOf(document["name"])],
          ["tax code", taxCode],
          ["may", capabilities.join(", ")],
          ["identified until", io.format.time(kycUntil)],
          ["account", account ?? "a new one, whose key the service keeps"],
        ],
        plan: { request: body },
        send: (client, write) =>
          client.participants.admit(account === undefined ? { ...body, managed: true } : { ...body, account }, write),
        hint: ({ result }: Operation) =>
          `Its API key: carbon api-keys create --scope participant --participant ${String(result?.["participantId"])} --label "..."`,
      });
    });
  withIdentity(participants.command("update"))
    .description("change what a participant may, and its record")
    .addArgument(number())
    .action(async (id: number, options: Identity) => {
      const { capabilities, kycUntil } = options;
      const body = { capabilities, kycExpiresAt: kycUntil, document: await documentOf(options) };
      await perform(io, options, {
        title: `Update participant ${id}`,
        fields: [
          ["may", capabilities.join(", ")],
          ["identified until", io.format.time(kycUntil)],
        ],
        plan: { request: body },
        send: (client, write) => client.participants.update(id, body, write),
      });
    });
}

function addStatus(participants: Command, io: Io): void {
  withAct(participants.command("suspend"))
    .description("what a participant holds stays where it is")
    .addArgument(number())
    .requiredOption("--reason <reason>", "why")
    .action(async (id: number, options: ActOptions & { readonly reason: string }) => {
      await perform(io, options, {
        title: `Suspend participant ${id}`,
        fields: [["reason", options.reason]],
        send: (client, write) => client.participants.suspend(id, options.reason, write),
      });
    });
  for (const verb of ["reinstate", "close"] as const) {
    withAct(participants.command(verb))
      .description(verb === "close" ? "end a participant for good" : "end a suspension")
      .addArgument(number())
      .action(async (id: number, options: ActOptions) => {
        await perform(io, options, {
          title: `${verb === "close" ? "Close" : "Reinstate"} participant ${id}`,
          fields: [],
          send: (client, write) => client.participants[verb](id, write),
        });
      });
  }
}

function addAccounts(participants: Command, io: Io): void {
  withAct(participants.command("add-account"))
    .description("give a participant another account")
    .addArgument(number())
    .option("--account <address>", "one whose key it holds itself", address)
    .option("--managed", "one whose key the service keeps")
    .action(async (id: number, options: ActOptions & Pick<Admission, "account" | "managed">) => {
      const { account, managed } = options;
      if ((account === undefined) === (managed === undefined)) throw new CliError("Either --account or --managed.");
      await perform(io, options, {
        title: `Add an account to participant ${id}`,
        fields: [["account", account ?? "a new one, whose key the service keeps"]],
        send: (client, write) =>
          client.participants.addAccount(id, account === undefined ? { managed: true } : { address: account }, write),
      });
    });
  withAct(participants.command("remove-account"))
    .description("take an account away from a participant")
    .addArgument(number())
    .addArgument(new Argument("<account>", "which one").argParser(address))
    .action(async (id: number, account: string, options: ActOptions) => {
      await perform(io, options, {
        title: `Remove an account from participant ${id}`,
        fields: [["account", account]],
        send: (client, write) => client.participants.removeAccount(id, account, write),
      });
    });
}
