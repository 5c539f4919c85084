import { Argument, InvalidArgumentError, Option } from "commander";

import { ApiProblem } from "../client/problem.js";
import type { Operation, OperationStatus, ProblemDocument } from "../client/types.js";
import { judged, operationLines, problemLines, tellOperation, waitFor } from "./acts.js";
import { address, count } from "./arguments.js";
import type { Io, Register } from "./io.js";
import { clientOf, readPath, showList, withPages, type ListOptions } from "./lists.js";
import { createTable } from "./table.js";

const HELP = `
Everything that was accepted is an operation: accepted, then sent, then final (or rejected, with the reason). It can be read by its id for
good; a signed intent's id is its EIP-712 hash.

Examples:
  carbon operations list --status rejected
  carbon operations show 0x...
  carbon operations story 0x...
  carbon operations wait 0x... --timeout 300`;

interface ListFilter extends ListOptions {
  readonly status?: OperationStatus;
  readonly kind?: string;
  readonly account?: string;
  readonly participant?: number;
}

/** `carbon operations`: what became of what was asked for. */
export const registerOperations: Register = (program, io) => {
  const operations = program
    .command("operations")
    .description("what became of what was asked for")
    .addHelpText("after", HELP);
  withPages(operations.command("list"))
    .description("operations that the API key may see, the latest first")
    .addOption(new Option("--status <status>", "only these").choices(["accepted", "sent", "final", "rejected"]))
    .option("--kind <kind>", "only these, as transfer")
    .option("--account <address>", "only those of this account", address)
    .option("--participant <number>", "only those of this participant", count)
    .action(async (options: ListFilter) => {
      const { status, kind, account, participant } = options;
      const client = clientOf(io);
      await showList(io, options, {
        list: (page) =>
          client.operations.list({
            ...page,
            ...(status === undefined ? {} : { status }),
            ...(kind === undefined ? {} : { kind }),
            ...(account === undefined ? {} : { account }),
            ...(participant === undefined ? {} : { participantId: participant }),
          }),
        columns: [
          { title: "accepted", of: (one) => io.format.time(one.createdAt) },
          { title: "status", of: (one) => one.status },
          { title: "kind", of: (one) => one.kind },
          { title: "id", of: (one) => one.id },
          { title: "", of: (one) => one.problem?.code ?? "" },
        ],
      });
    });
  operations
    .command("show")
    .description("an operation, as far as it is")
    .addArgument(new Argument("<id>", "its id").argParser(operationId))
    .action(async (id: string) => {
      const operation = await clientOf(io).operations.get(id);
      io.json(operation);
      for (const line of operationLines(io, operation)) io.out(line);
    });
  operations
    .command("story")
    .description("all that happened to an operation, step by step")
    .addArgument(new Argument("<id>", "its id").argParser(operationId))
    .action(async (id: string) => tellStory(io, await readPath<Story>(io, `/operations/${id}/story`)));
  operations
    .command("wait")
    .description("wait until an operation is final (0) or rejected (1)")
    .addArgument(new Argument("<id>", "its id").argParser(operationId))
    .option("--timeout <seconds>", "how long", count, 60)
    .action(async (id: string, { timeout }: { readonly timeout: number }) => {
      const client = clientOf(io);
      const operation = await client.operations.get(id);
      await judged(io, "The same command asks again.", async () => {
        if (operation.status === "rejected" && operation.problem !== null) throw new ApiProblem(operation.problem);
        tellOperation(io, await waitFor(io, client, operation, timeout));
      });
    });
};

interface Story {
  readonly operation: Operation;
  readonly steps: readonly {
    readonly step: string;
    readonly at: string;
    readonly txHash: string | null;
    readonly blockNumber: number | null;
    readonly outcome: string | null;
    readonly problem: ProblemDocument | null;
  }[];
}

function tellStory(io: Io, story: Story): void {
  io.json(story);
  const table = createTable<Story["steps"][number]>([
    { title: "when", of: ({ at }) => io.format.time(at) },
    { title: "what", of: ({ step }) => step },
    {
      title: "block",
      of: ({ blockNumber }) => (blockNumber === null ? "" : io.format.integer(blockNumber)),
      right: true,
    },
    { title: "transaction", of: ({ txHash }) => txHash ?? "" },
    { title: "", of: ({ outcome, problem }) => outcome ?? problem?.code ?? "" },
  ]);
  const rows = table.rows(story.steps);
  io.out(io.paint("bold", table.heading()));
  for (const row of rows) io.out(row);
  for (const { problem } of story.steps) if (problem !== null) for (const line of problemLines(problem)) io.out(line);
}

function operationId(text: string): string {
  if (!/^(0x[0-9a-fA-F]{64}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/.test(text)) {
    throw new InvalidArgumentError("It must be a hash or a UUID.");
  }
  return text.toLowerCase();
}
