import { Argument } from "commander";

import type { Batch } from "../client/types.js";
import { code, count, wholeNumber } from "./arguments.js";
import { addAuthorisations } from "./authorisations.js";
import type { Io, Register } from "./io.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import { fieldLines, type Field } from "./table.js";

const HELP = `
Examples:
  carbon batches list --project VN-VCS-1975
  carbon batches show VN-VCS-1975-2020-01
  carbon batches serial VN-VCS-1975-2020-01 101      where this one tonne is
  carbon batches authorise VN-VCS-1975-2020-01 --for NDC,IMP --first-transfer issuance --document letter.json`;

/** `carbon batches`: what was issued, and where it is. */
export const registerBatches: Register = (program, io) => {
  const batches = program.command("batches").description("what was issued, and where it is").addHelpText("after", HELP);
  addAuthorisations(batches, io);
  withPages(batches.command("list"))
    .description("batches, by code")
    .option("--project <code>", "only those of this project", code)
    .option("--vintage <year>", "only those of this year", count)
    .action(async (options: ListOptions & { readonly project?: string; readonly vintage?: number }) => {
      const { project, vintage } = options;
      const client = clientOf(io);
      const tonnes = (title: string, of: (one: Batch) => string) => ({
        title,
        of: (one: Batch) => io.format.integer(of(one)),
        right: true,
      });
      await showList(io, options, {
        list: (page) =>
          client.batches.list({
            ...page,
            ...(project === undefined ? {} : { projectCode: project }),
            ...(vintage === undefined ? {} : { vintage }),
          }),
        columns: [
          { title: "batch", of: (one) => one.code },
          { title: "project", of: (one) => one.projectCode },
          { title: "vintage", of: (one) => String(one.vintage) },
          tonnes("issued", (one) => one.issuedTonnes),
          tonnes("held", (one) => one.heldTonnes),
          tonnes("retired", (one) => one.retiredTonnes),
          tonnes("cancelled", (one) => one.cancelledTonnes),
        ],
      });
    });
  batches
    .command("show")
    .description("a batch: its totals and labels")
    .addArgument(new Argument("<batch>", "its code").argParser(code))
    .action(async (asked: string) => {
      const batch = await clientOf(io).batches.get(asked);
      io.json(batch);
      for (const line of fieldLines(fieldsOf(io, batch), "")) io.out(line);
    });
  batches
    .command("serial")
    .description("where one tonne is")
    .addArgument(new Argument("<batch>", "code of its batch").argParser(code))
    .addArgument(new Argument("<serial>", "its number").argParser(wholeNumber))
    .action(async (batch: string, number: bigint) => {
      const serial = await clientOf(io).batches.serial(batch, number);
      io.json(serial);
      const { state, block, account, retirementId, cancellationId } = serial;
      const fields: Field[] = [
        ["serial", `${io.format.integer(number)} of ${batch}`],
        ["state", state],
        ["block", `${block.start}-${block.end}`],
        ["account", account],
        ["retirement", retirementId],
        ["cancellation", cancellationId],
      ];
      for (const line of fieldLines(fields, "")) io.out(line);
    });
};

function fieldsOf({ format }: Io, batch: Batch): Field[] {
  const { code: called, projectCode, vintage, issuedTonnes, heldTonnes, retiredTonnes, cancelledTonnes } = batch;
  const { bufferTonnes, authorisations, firstTransfer, authorisationRevoked, corsiaEligible, paused } = batch;
  const authorised =
    authorisations.length === 0 ? null : `${authorisations.join(", ")}, first transfer: ${firstTransfer}`;
  return [
    ["batch", called],
    ["project", projectCode],
    ["vintage", String(vintage)],
    ["issued", format.tonnes(issuedTonnes)],
    ["  held", format.tonnes(heldTonnes)],
    ["  retired", format.tonnes(retiredTonnes)],
    ["  cancelled", format.tonnes(cancelledTonnes)],
    ["in buffer", format.tonnes(bufferTonnes)],
    ["authorised for", authorisationRevoked ? "revoked" : authorised],
    ["eligible for CORSIA", corsiaEligible ? "yes" : "no"],
    ["paused", paused ? "yes" : null],
  ];
}
