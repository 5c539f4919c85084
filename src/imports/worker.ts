import { setTimeout as sleep } from "node:timers/promises";

import type { ProjectStatus } from "../chain/event-types.js";
import { isDatabaseUnavailable } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import { Problem, problemDocument } from "../errors.js";
import type { Actors } from "./acts.js";
import { planRows } from "./checks.js";
import { encodingOf, type Encoding } from "./csv.js";
import { pathTo } from "./project-layouts.js";
import { ImportStoppedError, PHASES, runPhase } from "./runner.js";
import type { ImportFile, ImportsDeps } from "./service.js";
import { clearStaged, stageFile } from "./staging.js";
import { countActs, findImport, lastBlock, moveImport, pageOfRows, type ImportRecord } from "./store.js";

/** Does imports one after the other, so that none meets the acts of another half done. */
export interface Worker {
  start(): void;
  stop(): Promise<void>;
  /** Reads and checks a file, and discards it. The import is `checking`. */
  check(id: string, file: ImportFile): void;
  /** Begins an import once all that it needs have consented. */
  consider(id: string): void;
}

const RETRY_MS = 1_000;

export function createWorker(deps: ImportsDeps): Worker {
  const { db, logger } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  let queue: Promise<void> = Promise.resolve();

  function enqueue(id: string, work: () => Promise<void>): void {
    queue = queue.then(async () => {
      while (!signal.aborted) {
        try {
          await work();
          return;
        } catch (error) {
          if (error instanceof ImportStoppedError) return;
          await setBack(id, error);
          if (!isDatabaseUnavailable(error)) return;
        }
      }
    });
  }

  /** What failed unexpectedly: the database may come back, anything else is told and stays as it is until the next start. */
  async function setBack(id: string, error: unknown): Promise<void> {
    if (isDatabaseUnavailable(error))
      logger.warn({ err: error, import: id }, "The database is away: the import waits for it");
    else logger.error({ err: error, import: id }, "An import broke off; it goes on with the next start");
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }

  async function check(id: string, file: ImportFile): Promise<void> {
    const record = await findImport(db, id);
    if (record?.status !== "checking") return;
    try {
      const encoding = await encodingOf(file.path, record.declared_encoding as Encoding | null);
      await clearStaged(db, id);
      const onProgress = async (rows: bigint): Promise<void> => {
        if (signal.aborted) throw new ImportStoppedError();
        await moveImport(db, id, ["checking"], { rows });
      };
      const staged = await stageFile(db, id, record.registry, { path: file.path, encoding }, onProgress);
      await moveImport(db, id, ["checking"], { layout: staged.layout, encoding });
      await judge({ ...record, layout: staged.layout });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      await moveImport(db, id, ["checking"], { status: "refused", problem: jsonText(problemDocument(error)) });
    }
    await file.discard();
    await begin(id);
  }

  /** Compares the rows with the ledger. @returns true when all can be taken, and there is something to be done. */
  async function judge(record: ImportRecord): Promise<boolean> {
    const { id, status, owner_id: ownerId, account, registrar, dry_run: isDry } = record;
    const compared_at = await lastBlock(db);
    const tally = await planRows(db, { importId: id, ownerId, account, registrar });
    const { rows, refused, known, hasEnds: has_ends } = tally;
    const counts = { rows, refused, known, has_ends, compared_at };
    if (tally.refused > 0n) {
      const problem = jsonText(problemDocument(await refusalOf(record, tally.refused)));
      await moveImport(db, id, [status], { ...counts, status: "refused", problem });
      return false;
    }
    if (isDry) {
      await moveImport(db, id, [status], { ...counts, status: "checked", problem: null });
      return false;
    }
    if (await isNothingToDo(id)) {
      const ended = { status: "final", started_at: wholeSecond(), ended_at: new Date() } as const;
      await moveImport(db, id, [status], { ...counts, ...ended, problem: null });
      return false;
    }
    await moveImport(db, id, [status], { ...counts, status: "waiting", problem: null });
    return true;
  }

  async function refusalOf(record: ImportRecord, refused: bigint): Promise<Problem> {
    const { items } = await pageOfRows(db, record.id, true, { limit: 1 });
    const first = items[0];
    const more = refused > 1n ? ` And ${refused - 1n} more rows.` : "";
    const detail = `${record.file_name}, line ${first?.line ?? 0n}: ${first?.refusal ?? ""}${more}`;
    return new Problem("import-refused", detail, { evidence: { refused: refused.toString() } });
  }

  /** Begins what has all consents, and goes on with what has begun. */
  async function begin(id: string): Promise<void> {
    let record = await findImport(db, id);
    if (record?.status === "waiting") {
      if (!isConsented(record)) return;
      const hasChanged = record.compared_at === null || record.compared_at !== (await lastBlock(db));
      if (hasChanged && !(await judge(record))) return;
      const started = { phase: 0, phase_done: 0n, started_at: wholeSecond() };
      await moveImport(db, id, ["waiting"], { ...started, status: "running" });
      record = await findImport(db, id);
    }
    if (record?.status === "running") await run(record);
  }

  /** The ledger has it all. Projects that are where they should be make no acts. */
  async function isNothingToDo(id: string): Promise<boolean> {
    const [, ...others] = await countActs(db, id);
    if (others.some((count) => count > 0n)) return false;
    const projects = await db
      .selectFrom("import_projects")
      .select(["from_status", "target"])
      .where("import_id", "=", id)
      .distinct()
      .execute();
    return projects.every(
      ({ from_status: from, target }) => pathTo(from as ProjectStatus | null, target as ProjectStatus)?.length === 0,
    );
  }

  async function run(record: ImportRecord): Promise<void> {
    const { id } = record;
    const context = { ...deps, record, actors: await actorsOf(record) };
    const totals = await countActs(db, id);
    try {
      for (let phase = record.phase; phase < PHASES.length; phase += 1) {
        let phaseDone = 0n;
        await moveImport(db, id, ["running"], { phase, phase_done: 0n, phase_total: totals[phase] ?? 0n });
        const done = async (_phase: number, count: number): Promise<void> => {
          phaseDone += BigInt(count);
          await moveImport(db, id, ["running"], { phase_done: phaseDone });
        };
        await runPhase({ db, operations: deps.operations, signal, done }, context, phase);
      }
      await moveImport(db, id, ["running"], { status: "final", ended_at: new Date() });
      logger.info({ import: id, rows: record.rows }, "An import is final");
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "import-failed") throw error;
      await moveImport(db, id, ["running"], {
        status: "failed",
        problem: jsonText(problemDocument(error)),
        ended_at: new Date(),
      });
    }
  }

  async function actorsOf({ registrar, approver, verifier, holder, has_ends: hasEnds }: ImportRecord): Promise<Actors> {
    return {
      registrar,
      approver: approver ?? "",
      verifier: await deps.signers.signerOf(verifier ?? ""),
      relayer: deps.relayer,
      holder: hasEnds ? await deps.signers.signerOf(holder ?? "") : null,
    };
  }

  async function takeUp(): Promise<void> {
    const problem = jsonText(problemDocument(new Problem("import-interrupted")));
    await db.updateTable("imports").set({ status: "refused", problem }).where("status", "=", "checking").execute();
    const open = await db
      .selectFrom("imports")
      .select("id")
      .where("status", "in", ["waiting", "running"])
      .orderBy("seq")
      .execute();
    for (const { id } of open) enqueue(id, () => begin(id));
  }

  return {
    start: () => enqueue("", takeUp),
    async stop() {
      stopping.abort();
      await queue;
    },
    check: (id, file) => enqueue(id, () => check(id, file)),
    consider: (id) => enqueue(id, () => begin(id)),
  };
}

function isConsented({ approver, verifier, holder, has_ends: hasEnds }: ImportRecord): boolean {
  return approver !== null && verifier !== null && (!hasEnds || holder !== null);
}

/** Deadlines are counted from it, in seconds, by whatever process. */
function wholeSecond(): Date {
  return new Date(Math.floor(Date.now() / 1_000) * 1_000);
}
