import { sql } from "kysely";

import type { Db } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import { Problem } from "../errors.js";
import type { NewOperation, Operations } from "../operations/service.js";
import { approvalAct, endingAct, projectActs, proposalAct, statementAct, type ActContext } from "./acts.js";
import { keepStatements, periodsAfter, plannedAfter, projectsAfter, type PlannedRow } from "./store.js";

/** What is done, in this order: each rests on the one before, so that it begins when that has ended. */
export const PHASES = ["projects", "statements", "proposals", "approvals", "endings"] as const;

/** Projects, periods or rows whose acts are accepted together; two such groups are on their way at once. */
const CHUNK = 200;
const GROUPS_ON_THE_WAY = 4;
const WAIT_SECONDS = 5;

export interface RunDeps {
  readonly db: Db;
  readonly operations: Pick<Operations, "accept" | "wait">;
  readonly signal: AbortSignal;
  /** Told after each group: the acts of `count` more projects, periods or rows of this phase are on the chain. */
  done(phase: number, count: number): Promise<void>;
}

/** The import stops with the service, and goes on with the next start. */
export class ImportStoppedError extends Error {
  constructor() {
    super("The import stops");
    this.name = "ImportStoppedError";
  }
}

/**
 * Does one phase from its beginning: what an earlier process has accepted already is the same operation, and is only waited for. A kill at
 * any moment therefore doubles nothing, and loses nothing.
 * @throws ImportStoppedError; Problem `import-failed` when an act was rejected
 */
export async function runPhase(deps: RunDeps, context: ActContext, phase: number): Promise<void> {
  const name = PHASES[phase];
  const onTheWay: Promise<void>[] = [];
  try {
    for await (const { operations, count } of groupsOf(deps.db, context, name ?? "projects")) {
      if (deps.signal.aborted) throw new ImportStoppedError();
      await Promise.all(operations.map((operation) => deps.operations.accept(operation)));
      const ids = operations.map(({ id }) => id);
      onTheWay.push(untilFinal(deps, ids).then(() => deps.done(phase, count)));
      if (onTheWay.length >= GROUPS_ON_THE_WAY) await onTheWay.shift();
    }
  } catch (error) {
    // Nothing of the import is under way any more when its failure is told.
    await Promise.allSettled(onTheWay);
    throw error;
  }
  for (const ended of await Promise.allSettled(onTheWay)) if (ended.status === "rejected") throw ended.reason;
}

interface Group {
  readonly operations: readonly NewOperation[];
  readonly count: number;
}

async function* groupsOf(db: Db, context: ActContext, phase: (typeof PHASES)[number]): AsyncGenerator<Group> {
  switch (phase) {
    case "projects":
      yield* projectGroups(db, context);
      return;
    case "statements":
      yield* statementGroups(db, context);
      return;
    case "proposals":
      yield* rowGroups(db, context, "propose", (row) => proposalAct(context, row));
      return;
    case "approvals":
      yield* rowGroups(db, context, "approve", (row) => approvalAct(context, row));
      return;
    case "endings":
      yield* rowGroups(db, context, "end", (row) => endingAct(context, row));
      return;
  }
}

async function* projectGroups(db: Db, context: ActContext): AsyncGenerator<Group> {
  let code = "";
  for (;;) {
    const projects = await projectsAfter(db, context.record.id, code, CHUNK);
    const last = projects.at(-1);
    if (last === undefined) return;
    yield { operations: projects.flatMap((project) => projectActs(context, project)), count: projects.length };
    code = last.code;
  }
}

async function* statementGroups(db: Db, context: ActContext): AsyncGenerator<Group> {
  let last = { project: "", start: 0, id: "" };
  for (;;) {
    const periods = await periodsAfter(db, context.record.id, last, CHUNK);
    if (periods.length === 0) return;
    const operations: NewOperation[] = [];
    const kept: { project: string; start: number; id: string }[] = [];
    for (const period of periods) {
      // The one before is the latest of the ledger's and of this import's.
      const isOwn = last.project === period.project && BigInt(last.start) >= (period.previous_start ?? 0n);
      const made = await statementAct(context, period, isOwn ? last.id : period.previous_id);
      last = { project: period.project, start: period.period_start, id: made.statementId };
      operations.push(made.operation);
      kept.push(last);
    }
    await keepStatements(db, context.record.id, kept);
    yield { operations, count: periods.length };
  }
}

async function* rowGroups(
  db: Db,
  { record }: ActContext,
  what: "propose" | "approve" | "end",
  act: (row: PlannedRow) => NewOperation | Promise<NewOperation>,
): AsyncGenerator<Group> {
  let place = 0n;
  for (;;) {
    const rows = await plannedAfter(db, record.id, what, place, CHUNK);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield { operations: await Promise.all(rows.map(async (row) => act(row))), count: rows.length };
    place = last.place ?? 0n;
  }
}

async function untilFinal({ db, operations, signal }: RunDeps, ids: readonly string[]): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ id: string; status: string; kind: string; problem: { detail?: string } | null }>`
      select id, status, kind, problem from operations
      where id in (select jsonb_array_elements_text(${jsonText(ids)}::text::jsonb)) and status <> 'final'
      order by seq`.execute(db);
    const last = rows.findLast(({ status }) => status !== "rejected");
    const rejected = rows.find(({ status }) => status === "rejected");
    if (last === undefined && rejected !== undefined) {
      const detail = `The act ${rejected.kind} was rejected: ${rejected.problem?.detail ?? "no reason is known"}`;
      throw new Problem("import-failed", detail, { evidence: { operationId: rejected.id } });
    }
    if (last === undefined) return;
    if (signal.aborted) throw new ImportStoppedError();
    await operations.wait(last.id, WAIT_SECONDS, signal);
  }
}
