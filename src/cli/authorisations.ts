import { Argument, InvalidArgumentError, Option, type Command } from "commander";

import type { Authorisation, FirstTransfer } from "../client/types.js";
import { perform, textOf, withAct, type ActOptions } from "./acts.js";
import { code, list } from "./arguments.js";
import { documentOf, type DocumentOptions } from "./documents.js";
import type { Io } from "./io.js";
import { clientOf } from "./lists.js";
import { createWording } from "./wording.js";

const PURPOSES: readonly Authorisation[] = ["NDC", "IMP", "OP"];
const FIRST_TRANSFERS: readonly FirstTransfer[] = ["unspecified", "authorisation", "issuance", "use"];

const which = (): Argument => new Argument("<batch>", "its code").argParser(code);

interface Granting extends ActOptions, DocumentOptions {
  readonly for: readonly Authorisation[];
  readonly firstTransfer: FirstTransfer;
}

/** `carbon batches authorise | revoke-authorisation`: what the host country says about a batch (Article 6). */
export function addAuthorisations(batches: Command, io: Io): void {
  withAct(batches.command("authorise"))
    .description("registrar: record what the host country authorised a batch for (Article 6)")
    .addArgument(which())
    .requiredOption(
      "--for <list>",
      `all purposes, with commas, of ${PURPOSES.join(", ")}: none is ever dropped`,
      purposes,
    )
    .addOption(
      new Option("--first-transfer <moment>", "when units count as transferred first")
        .choices(FIRST_TRANSFERS)
        .default("unspecified"),
    )
    .option("--name <name>", "of the authorisation, in its public record")
    .option("--document <file>", "its public record, a JSON object without personal data")
    .action(async (batch: string, options: Granting) => {
      const document = await documentOf(options);
      const body = { authorisations: options.for, firstTransfer: options.firstTransfer, document };
      await perform(io, options, {
        title: "Record the host country's authorisation",
        fields: [
          ["batch", await createWording(clientOf(io)).batch(batch)],
          ["for", options.for.join(", ")],
          ["first transfer", options.firstTransfer],
          ["name", textOf(document["name"])],
        ],
        plan: { request: body },
        send: (client, write) => client.batches.authorise(batch, body, write),
      });
    });
  withAct(batches.command("revoke-authorisation"))
    .description("compliance officer: revoke an authorisation, for good")
    .addArgument(which())
    .requiredOption("--reason <reason>", "why")
    .action(async (batch: string, options: ActOptions & { readonly reason: string }) => {
      await perform(io, options, {
        title: "Revoke an authorisation, for good",
        fields: [
          ["batch", await createWording(clientOf(io)).batch(batch)],
          ["reason", options.reason],
        ],
        send: (client, write) => client.batches.revokeAuthorisation(batch, options.reason, write),
      });
    });
}

function purposes(text: string): Authorisation[] {
  return list(text).map((word) => {
    const found = PURPOSES.find((purpose) => purpose === word);
    if (found === undefined) throw new InvalidArgumentError(`Purposes are ${PURPOSES.join(", ")}.`);
    return found;
  });
}
