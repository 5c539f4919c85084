import { Argument, Option, type Command } from "commander";

import type { ProjectStatus } from "../client/types.js";
import { perform, textOf, withAct, type ActOptions } from "./acts.js";
import { code, count, wholeNumber } from "./arguments.js";
import { documentIn, documentOf, type DocumentOptions } from "./documents.js";
import type { Io, Register } from "./io.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import { fieldLines, type Field } from "./table.js";

const STATUSES = ["listed", "validated", "registered", "completed", "inactive", "rejected", "withdrawn"] as const;

const HELP = `
Listing a project and changing its status need the API key of a registrar.

Examples:
  carbon projects list --status registered
  carbon projects create VN-VCS-1975 --owner 9 --name "Hong Phong 4 Solar" --buffer 0
  carbon projects status VN-VCS-1975 validated`;

/** `carbon projects`: what reduces or removes emissions. */
export const registerProjects: Register = (program, io) => {
  const projects = program
    .command("projects")
    .description("what reduces or removes emissions")
    .addHelpText("after", HELP);
  addReads(projects, io);
  addActs(projects, io);
};

const which = (): Argument => new Argument("<code>", "code of the project").argParser(code);

interface ListFilter extends ListOptions {
  readonly status?: ProjectStatus;
  readonly owner?: number;
}

function addReads(projects: Command, io: Io): void {
  withPages(projects.command("list"))
    .description("projects, by code")
    .addOption(new Option("--status <status>", "only these").choices(STATUSES))
    .option("--owner <participant>", "only those of this participant", count)
    .action(async (options: ListFilter) => {
      const { status, owner } = options;
      const client = clientOf(io);
      await showList(io, options, {
        list: (page) =>
          client.projects.list({
            ...page,
            ...(status === undefined ? {} : { status }),
            ...(owner === undefined ? {} : { ownerId: owner }),
          }),
        columns: [
          { title: "code", of: (one) => one.code },
          { title: "status", of: (one) => one.status },
          { title: "owner", of: ({ ownerId }) => String(ownerId), right: true },
          { title: "name", of: (one) => one.name ?? "-" },
        ],
      });
    });
  projects
    .command("show")
    .description("a project and its public record")
    .addArgument(which())
    .action(async (asked: string) => {
      const project = await clientOf(io).projects.get(asked);
      io.json(project);
      const { code: called, name, status, ownerId, bufferBasisPoints, document } = project;
      const fields: Field[] = [
        ["project", called],
        ["name", name],
        ["status", status],
        ["owner", `participant ${ownerId}`],
        ["buffer", `${bufferBasisPoints / 100} %`],
        ...Object.entries(document ?? {})
          .filter(([member]) => member !== "name")
          .map(([member, value]): Field => [member, textOf(value)]),
      ];
      for (const line of fieldLines(fields, "")) io.out(line);
    });
}

interface Listing extends ActOptions, DocumentOptions {
  readonly owner: number;
  readonly buffer: bigint;
}

function addActs(projects: Command, io: Io): void {
  withAct(projects.command("create"))
    .description("list a project")
    .addArgument(which())
    .requiredOption("--owner <participant>", "number of the participant that owns it", count)
    .addOption(
      new Option("--buffer <basis-points>", "of each issuance, set aside against reversal")
        .argParser(wholeNumber)
        .default(0n, "0"),
    )
    .option("--name <name>", "in its public record")
    .option("--document <file>", "its public record, a JSON object without personal data")
    .action(async (called: string, options: Listing) => {
      const document = await documentOf(options);
      const body = { code: called, ownerId: options.owner, bufferBasisPoints: Number(options.buffer), document };
      await perform(io, options, {
        title: "List a project",
        fields: [
          ["code", called],
          ["name", textOf(document["name"])],
          ["owner", `participant ${options.owner}`],
          ["buffer", `${body.bufferBasisPoints / 100} %`],
        ],
        plan: { request: body },
        send: (client, write) => client.projects.create(body, write),
      });
    });
  withAct(projects.command("status"))
    .description("change how far a project is")
    .addArgument(which())
    .addArgument(new Argument("<status>", "the new one").choices(STATUSES))
    .action(async (called: string, status: ProjectStatus, options: ActOptions) => {
      await perform(io, options, {
        title: `Set the status of project ${called}`,
        fields: [["status", status]],
        send: (client, write) => client.projects.setStatus(called, status, write),
      });
    });
  withAct(projects.command("document"))
    .description("replace a project's public record")
    .addArgument(which())
    .argument("<file>", "a JSON object without personal data")
    .action(async (called: string, file: string, options: ActOptions) => {
      const document = await documentIn(file);
      await perform(io, options, {
        title: `Replace the record of project ${called}`,
        fields: Object.entries(document).map(([member, value]): Field => [member, textOf(value)]),
        send: (client, write) => client.projects.setDocument(called, document, write),
      });
    });
}
