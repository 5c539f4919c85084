import { Argument, Option, type Command } from "commander";

import type { ApiKeyScope, RoleName } from "../client/types.js";
import { judged } from "./acts.js";
import { address, count, moment } from "./arguments.js";
import type { Io, Register } from "./io.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import { fieldLines, type Field } from "./table.js";

const ROLES = [
  ...[
    "admin",
    "registrar",
    "verifier",
    "compliance-officer",
    "guardian",
    "settlement-bank",
    "exchange-operator",
    "enforcement",
  ],
];
const HELP = `
All of these need the administrator's key, which the first start of the service writes into its data directory.

Examples:
  carbon api-keys create --scope participant --participant 4 --label "Accounting of Firm"
  carbon api-keys create --scope role --role registrar --account 0x... --label "First registrar"
  carbon api-keys list
  carbon api-keys revoke 4a6ee1f2a67fc120`;

interface Creation {
  readonly scope: ApiKeyScope;
  readonly participant?: number;
  readonly role?: RoleName;
  readonly account?: string;
  readonly expires?: string;
  readonly label: string;
}

/** `carbon api-keys`: who may speak to the service. */
export const registerApiKeys: Register = (program, io) => {
  const keys = program.command("api-keys").description("who may speak to the service").addHelpText("after", HELP);
  addCreation(keys, io);
  withPages(keys.command("list"))
    .description("keys, without their secrets")
    .action(async (options: ListOptions) => {
      const client = clientOf(io);
      await showList(io, options, {
        list: (page) => client.apiKeys.list(page),
        columns: [
          { title: "id", of: (one) => one.id },
          { title: "scope", of: (one) => one.scope },
          {
            title: "for",
            of: (one) => one.role ?? (one.participantId === null ? "" : `participant ${one.participantId}`),
          },
          { title: "state", of: (one) => (one.revokedAt === null ? "" : "revoked") },
          { title: "label", of: (one) => one.label },
        ],
      });
    });
  keys
    .command("revoke")
    .description("make a key worth nothing")
    .addArgument(new Argument("<id>", "its id"))
    .action(async (id: string) => {
      await judged(io, "The same command can be given again.", async () => {
        await clientOf(io).apiKeys.revoke(id);
        io.json({ revoked: id });
        io.out(`The API key ${id} is worth nothing from now on.`);
      });
    });
};

function addCreation(keys: Command, io: Io): void {
  keys
    .command("create")
    .description("make a key; its secret is shown this once")
    .addOption(
      new Option("--scope <scope>", "what for")
        .choices(["participant", "role", "admin", "auditor", "regulator"])
        .makeOptionMandatory(),
    )
    .option("--participant <number>", "whose", count)
    .addOption(new Option("--role <role>", "which office").choices(ROLES))
    .option("--account <address>", "the account that acts, when the service keeps several", address)
    .option("--expires <time>", "worth nothing from then on", moment)
    .requiredOption("--label <text>", "what people know it by")
    .action(async (options: Creation) => {
      const { scope, participant, role, account, expires, label } = options;
      await judged(io, "carbon api-keys list says so: its secret is lost, revoke it.", async () => {
        const made = await clientOf(io).apiKeys.create({
          scope,
          label,
          ...(participant === undefined ? {} : { participantId: participant }),
          ...(role === undefined ? {} : { role }),
          ...(account === undefined ? {} : { account }),
          ...(expires === undefined ? {} : { expiresAt: expires }),
        });
        io.json(made);
        const fields: Field[] = [
          ["id", made.id],
          ["API key", made.key],
        ];
        for (const line of fieldLines(fields, "")) io.out(line);
        io.note("The key is shown this once. Keep it: carbon profiles add NAME --api-key -");
      });
    });
}
