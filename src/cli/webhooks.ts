import { Argument, InvalidArgumentError, Option, type Command } from "commander";

import type { OperationEventType } from "../client/notifications.js";
import type { Webhook, WebhookDelivery } from "../client/webhooks.js";
import { judged, tellPlan, withDryRun } from "./acts.js";
import { count, list, moment } from "./arguments.js";
import { CliError } from "./errors.js";
import type { Io, Register } from "./io.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import { fieldLines, printable, type Field } from "./table.js";

const EVENTS = ["accepted", "sent", "final", "rejected"] as const;
const AGAIN = "The same command can be given again.";

const HELP = `
A participant's key is told of its own operations and trades, a role's key of operations in that role. Messages are signed; the secret that
checks them is shown once. docs/events.md and examples/webhook-receiver.ts say what a receiver does.

Examples:
  carbon webhooks create https://firm.example/ledger --events final,rejected --label Accounting
  carbon webhooks test wh_0123456789abcdef
  carbon webhooks deliveries wh_0123456789abcdef --status dead
  carbon webhooks redeliver wh_0123456789abcdef 4714
  carbon webhooks redeliver wh_0123456789abcdef --dead-since 2026-11-22T00:00:00Z`;

/** `carbon webhooks`: who else is told, and whether it takes what it is told. */
export const registerWebhooks: Register = (program, io) => {
  const webhooks = program
    .command("webhooks")
    .description("have your own systems told what happens to operations")
    .addHelpText("after", HELP);
  addCreation(webhooks, io);
  addReads(webhooks, io);
  addMessages(webhooks, io);
  addChanges(webhooks, io);
};

const which = (): Argument => new Argument("<webhook>", "its id").argParser(webhookId);

interface Creation {
  readonly events?: readonly OperationEventType[];
  readonly kinds?: readonly string[];
  readonly label?: string;
  readonly dryRun?: true;
}

function addCreation(webhooks: Command, io: Io): void {
  withDryRun(webhooks.command("create"))
    .description("have a receiver told; the secret is shown this once")
    .argument("<url>", "where messages are posted to: https, on the public internet")
    .option("--events <list>", `with commas, of ${EVENTS.join(", ")}; all when left out`, events)
    .option("--kinds <list>", "only of these kinds of operations, as transfer,issuance.approve", list)
    .option("--label <text>", "what people know it by")
    .action(async (url: string, options: Creation) => {
      const { events: types, kinds, label, dryRun } = options;
      const body = {
        url,
        ...(types === undefined ? {} : { types }),
        ...(kinds === undefined ? {} : { kinds }),
        ...(label === undefined ? {} : { label }),
      };
      if (dryRun === true) {
        const fields: Field[] = [
          ["receiver", url],
          ["events", types?.join(", ") ?? "all"],
          ["kinds of operations", kinds?.join(", ") ?? "all"],
        ];
        tellPlan(io, "Have a receiver told", fields, { request: body });
        return;
      }
      await judged(io, "carbon webhooks list says so: its secret is lost, delete it.", async () => {
        const made = await clientOf(io).webhooks.create(body);
        io.json(made);
        const fields: Field[] = [
          ["webhook", made.id],
          ["secret", made.secret],
        ];
        for (const line of fieldLines(fields, "")) io.out(line);
        io.note(`The secret is shown this once. Try it: carbon webhooks test ${made.id}`);
      });
    });
}

function addReads(webhooks: Command, io: Io): void {
  withPages(webhooks.command("list"))
    .description("your webhooks, the newest first")
    .action(async (options: ListOptions) => {
      const client = clientOf(io);
      await showList(io, options, {
        list: (page) => client.webhooks.list(page),
        columns: [
          { title: "id", of: (one) => one.id },
          { title: "status", of: (one) => stateOf(one) },
          { title: "events", of: (one) => one.types?.join(", ") ?? "all" },
          { title: "label", of: (one) => one.label },
          { title: "receiver", of: (one) => one.url },
        ],
      });
    });
  webhooks
    .command("show")
    .description("a webhook, and whether its receiver takes what it is told")
    .addArgument(which())
    .action(async (id: string) => tellWebhook(io, await clientOf(io).webhooks.get(id)));
}

function stateOf({ status, failingSince }: Webhook): string {
  return status === "active" && failingSince !== null ? "failing" : status;
}

function tellWebhook(io: Io, webhook: Webhook): void {
  io.json(webhook);
  const { id, url, label, types, kinds, reason, failingSince, participantId, role, createdAt } = webhook;
  const state = stateOf(webhook);
  io.out(`${io.paint(state === "active" ? "good" : "bad", state)}  ${printable(url)}`);
  const fields: Field[] = [
    ["webhook", id],
    ["label", label],
    ["tells", participantId === null ? `operations of the role ${role ?? ""}` : `participant ${participantId}`],
    ["events", types?.join(", ") ?? "all"],
    ["kinds of operations", kinds?.join(", ") ?? "all"],
    ["reason", reason],
    ["has taken nothing since", failingSince === null ? null : io.format.time(failingSince)],
    ["made", io.format.time(createdAt)],
  ];
  for (const line of fieldLines(fields)) io.out(line);
}

interface DeliveryFilter extends ListOptions {
  readonly status?: WebhookDelivery["status"];
}

function addMessages(webhooks: Command, io: Io): void {
  withPages(webhooks.command("deliveries"))
    .description("messages of a webhook, the newest first; --json has their bytes")
    .addArgument(which())
    .addOption(new Option("--status <status>", "only these").choices(["pending", "delivered", "dead"]))
    .action(async (id: string, options: DeliveryFilter) => {
      const { status } = options;
      const client = clientOf(io);
      await showList(io, options, {
        list: (page) => client.webhooks.deliveries(id, { ...page, ...(status === undefined ? {} : { status }) }),
        columns: [
          { title: "no", of: (one) => String(one.sequence), right: true },
          { title: "made", of: (one) => io.format.time(one.createdAt) },
          { title: "event", of: (one) => one.type },
          { title: "status", of: (one) => one.status },
          { title: "tries", of: (one) => String(one.attempts), right: true },
          { title: "next", of: ({ nextAttemptAt: next }) => (next === null ? "" : io.format.time(next)) },
          { title: "", of: (one) => one.error ?? "" },
        ],
      });
    });
  webhooks
    .command("test")
    .description("send a signed message that tells of nothing: 0 the receiver took it, 1 it did not")
    .addArgument(which())
    .action(async (id: string) => {
      await judged(io, AGAIN, async () => {
        const test = await clientOf(io).webhooks.test(id);
        io.json(test);
        const { isTaken, answer, error, messageId, milliseconds } = test;
        io.out(
          isTaken
            ? `${io.paint("good", "taken")}  ${messageId}: answered ${answer ?? ""} in ${milliseconds} ms`
            : `${io.paint("bad", "not taken")}  ${messageId}: ${printable(error ?? "")}`,
        );
        if (!isTaken) io.exit(1);
      });
    });
  webhooks
    .command("redeliver")
    .description("send a message again, or all that were given up")
    .addArgument(which())
    .addArgument(new Argument("[no]", "of the message").argParser(count))
    .option("--dead-since <time>", "instead: all that were given up, of those made since then", moment)
    .action(async (id: string, number: number | undefined, { deadSince }: { readonly deadSince?: string }) => {
      if ((number === undefined) === (deadSince === undefined)) {
        throw new CliError("Either the number of a message, or --dead-since.");
      }
      await judged(io, AGAIN, async () => redeliver(io, id, number, deadSince));
    });
}

async function redeliver(io: Io, id: string, number?: number, deadSince?: string): Promise<void> {
  const { webhooks } = clientOf(io);
  if (number !== undefined) {
    io.json(await webhooks.redeliver(id, number));
    io.out(`Message ${number} is on its way again.`);
    return;
  }
  const answer = await webhooks.redeliverDead(id, deadSince ?? "");
  io.json(answer);
  io.out(`${io.format.integer(answer.redelivered)} messages are on their way again.`);
}

function addChanges(webhooks: Command, io: Io): void {
  webhooks
    .command("rotate")
    .description("make a new secret; for a day messages are signed with both")
    .addArgument(which())
    .action(async (id: string) => {
      await judged(io, "The secret is lost if it was made: rotate again.", async () => {
        const made = await clientOf(io).webhooks.rotate(id);
        io.json(made);
        const fields: Field[] = [
          ["secret", made.secret],
          ["the one before, until", io.format.time(made.previousUntil)],
        ];
        for (const line of fieldLines(fields, "")) io.out(line);
        io.note("The secret is shown this once.");
      });
    });
  webhooks
    .command("enable")
    .description("send again to a receiver that was given up; it is told what happens from then on")
    .addArgument(which())
    .action(async (id: string) => {
      await judged(io, AGAIN, async () => tellWebhook(io, await clientOf(io).webhooks.enable(id)));
    });
  webhooks
    .command("delete")
    .description("tell a receiver nothing more, and forget its messages")
    .addArgument(which())
    .action(async (id: string) => {
      await judged(io, AGAIN, async () => {
        await clientOf(io).webhooks.remove(id);
        io.json({ deleted: id });
        io.out(`The webhook ${id} is gone.`);
      });
    });
}

function webhookId(text: string): string {
  if (!/^wh_[0-9a-f]{16}$/.test(text)) throw new InvalidArgumentError("It must be wh_ and 16 hexadecimal digits.");
  return text;
}

function events(text: string): OperationEventType[] {
  return list(text).map((word) => {
    const found = EVENTS.find((event) => event === word.replace(/^operation\./, ""));
    if (found === undefined) throw new InvalidArgumentError(`Events are ${EVENTS.join(", ")}.`);
    return `operation.${found}` as const;
  });
}
