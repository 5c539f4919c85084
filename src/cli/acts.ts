import { randomUUID } from "node:crypto";
import type { Command } from "commander";

import type { Client } from "../client/client.js";
import { ApiProblem, ApiUnreachable } from "../client/problem.js";
import type { WriteOptions } from "../client/requests.js";
import type { Block, Operation, ProblemDocument } from "../client/types.js";
import { count } from "./arguments.js";
import { CliError } from "./errors.js";
import type { Io } from "./io.js";
import { clientOf } from "./lists.js";
import { fieldLines, printable, type Field } from "./table.js";
import { serialsText } from "./wording.js";

/** What every command that changes something understands. */
export interface ActOptions {
  readonly dryRun?: true;
  readonly wait: boolean;
  readonly timeout: number;
  readonly idempotencyKey?: string;
}

const DEFAULT_TIMEOUT_SECONDS = 60;

export function withAct(command: Command): Command {
  return withDryRun(command)
    .option("--no-wait", "do not wait until it is final")
    .option("--timeout <seconds>", "how long to wait for that", count, DEFAULT_TIMEOUT_SECONDS)
    .option("--idempotency-key <key>", "of an earlier try: the same request is then done once");
}

export function withDryRun(command: Command): Command {
  return command.option("--dry-run", "say in plain words what would be done, and do nothing");
}

/** What shall be done, in words, and how. */
export interface Act {
  /** As "Retire units". */
  readonly title: string;
  readonly fields: readonly Field[];
  readonly send: (client: Client, options: WriteOptions) => Promise<Operation>;
  /** Added to the JSON of a dry run. */
  readonly plan?: object;
  /** What to say to a person once it is final. */
  readonly hint?: (operation: Operation) => string | null;
  /** How to ask again for the same, after an answer that was lost; without it, the idempotency key. */
  readonly again?: string;
}

/** Shows what is asked for, sends it unless it is a dry run, and follows it to its end. Refused or rejected: exit code 1. */
export async function perform(io: Io, options: ActOptions, act: Act): Promise<void> {
  if (options.dryRun === true) {
    tellPlan(io, act.title, act.fields, act.plan ?? {});
    return;
  }
  const client = clientOf(io);
  const idempotencyKey = options.idempotencyKey ?? randomUUID();
  const again = act.again ?? `--idempotency-key ${idempotencyKey}`;
  await judged(io, `The same command with ${again} cannot do it twice.`, async () => {
    const operation = await act.send(client, { idempotencyKey });
    if (!options.wait || operation.status === "final") {
      tellOperation(io, operation, act.hint);
      if (operation.status !== "final") io.note(`How it ends: carbon operations wait ${operation.id}`);
      return;
    }
    io.note(`Accepted as operation ${operation.id}.`);
    tellOperation(io, await waitFor(io, client, operation, options.timeout), act.hint);
  });
}

/** Waits until an operation is final. @throws ApiProblem when it was rejected, CliError when it takes too long */
export async function waitFor(io: Io, client: Client, operation: Operation, seconds: number): Promise<Operation> {
  const progress = io.progress("Waiting until it is final, seconds:");
  const began = Date.now();
  const tick = setInterval(() => progress.set(Math.round((Date.now() - began) / 1000), 0), 200);
  try {
    return await client.operations.settle(operation, seconds);
  } catch (error) {
    if (error instanceof ApiProblem || error instanceof ApiUnreachable) throw error;
    throw new CliError(
      `It is not final after ${seconds} s, and is still on its way. Later: carbon operations wait ${operation.id}`,
      { cause: error },
    );
  } finally {
    clearInterval(tick);
    progress.end();
  }
}

/** Runs an act. A refusal is an answer, exit code 1. @param advice What to do when the answer was lost. */
export async function judged(io: Io, advice: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ApiUnreachable) {
      throw new CliError(`${error.message}\nWhether it arrived is not known. ${advice}`, { cause: error });
    }
    if (!(error instanceof ApiProblem) || error.status >= 500 || error.status === 429) throw error;
    io.json({ problem: error.problem });
    for (const line of problemLines(error.problem)) io.out(line);
    io.exit(1);
  }
}

/** The answer of a dry run. */
export function tellPlan(io: Io, title: string, fields: readonly Field[], plan: object): void {
  io.json({ dryRun: true, title, fields: Object.fromEntries(fields), ...plan });
  for (const line of [title, ...fieldLines(fields)]) io.out(line);
  io.out("This was a dry run: nothing was signed or sent.");
}

export function tellOperation(io: Io, operation: Operation, hint?: Act["hint"]): void {
  io.json(operation);
  for (const line of operationLines(io, operation)) io.out(line);
  const more = operation.status === "final" ? (hint?.(operation) ?? null) : null;
  if (more !== null) io.out(more);
}

/** An operation for people: how far it is, where, and what came of it. */
export function operationLines(io: Io, operation: Operation): string[] {
  const { id, kind, status, txHash, blockNumber, result, problem, createdAt, updatedAt } = operation;
  const style = status === "final" ? "good" : status === "rejected" ? "bad" : "bold";
  return [
    `${io.paint(style, status)}  ${kind}`,
    ...fieldLines([
      ["operation", id],
      ["block", blockNumber === null ? null : io.format.integer(blockNumber)],
      ["transaction", txHash],
      ...Object.entries(result ?? {})
        // Of a signed intent, the operation is called by its hash.
        .filter(([, value]) => value !== id)
        .map(([name, value]): Field => [wordsOf(name), resultText(io, name, value)]),
      ["accepted", io.format.time(createdAt)],
      [status, status === "accepted" ? null : io.format.time(updatedAt)],
    ]),
    ...(problem === null ? [] : problemLines(problem)),
  ];
}

/** A refusal for people: what, why, and what to do. */
export function problemLines(problem: ProblemDocument): string[] {
  const { detail, code, remedy, errors = [], evidence = {} } = problem;
  return [
    `No: ${printable(detail)} (${code})`,
    ...errors.map(({ path, message }) => `  ${printable(path)}: ${printable(message)}`),
    ...fieldLines(Object.entries(evidence).map(([name, value]): Field => [name, textOf(value)])),
    ...(remedy ? [printable(remedy)] : []),
  ];
}

/** `retirementId` is "retirement id". */
function wordsOf(name: string): string {
  return name === "blocks" ? "serials" : name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function resultText(io: Io, name: string, value: unknown): string | null {
  if (name === "blocks" && Array.isArray(value)) return serialsText(value as readonly Block[]);
  if (name.endsWith("onnes") && typeof value === "string") return io.format.tonnes(value);
  if (name.endsWith("At") && typeof value === "string" && /^\d+$/.test(value)) return io.format.unixTime(value);
  if (name === "certificate" && typeof value === "object" && value !== null) {
    const { contract, tokenId } = value as { readonly contract?: unknown; readonly tokenId?: unknown };
    return `token ${String(tokenId)} of ${String(contract)}`;
  }
  return textOf(value);
}

/** Any member of a document, in one line. */
export function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}
