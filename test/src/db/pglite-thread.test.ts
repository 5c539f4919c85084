import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { protocol } from "@electric-sql/pglite";
import { Kysely, sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";

import { isDatabaseUnavailable } from "../../../src/db/connection.js";
import { readAnswer } from "../../../src/db/pglite-answer.js";
import { PreparingPGliteDialect } from "../../../src/db/pglite-driver.js";
import { joined } from "../../../src/db/pglite-engine.js";
import { openInOwnThread } from "../../../src/db/pglite-thread.js";

const dataDir = mkdtempSync(join(tmpdir(), "ledger-thread-"));
const directory = join(dataDir, "database");
afterAll(() => rmSync(dataDir, { recursive: true }));

const ask = (text: string) => joined([protocol.serialize.query(text)]);
const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );

/** A thread that opens, and then does what the text says for each message. */
const thread = (onMessage: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort } from "node:worker_threads";
      parentPort.on("message", () => { ${onMessage} });
      parentPort.postMessage("open");`)}`,
  );

describe("PGlite in a thread of its own", () => {
  it("given what a start left that died while it laid the database out, it should begin anew", async () => {
    mkdirSync(`${directory}.new`);
    writeFileSync(join(`${directory}.new`, "PG_VERSION"), "half");
    const engine = await openInOwnThread(directory);
    expect(existsSync(`${directory}.new`)).toBe(false);
    await engine.close();
  });

  it("given messages that wait when it is closed, it should answer them first, and no others", async () => {
    const engine = await openInOwnThread(directory);
    const waiting = ["create table kept (n int)", "insert into kept values (1), (2)"].map((text) =>
      engine.exchange(ask(text)),
    );
    const closing = engine.close();
    expect(engine.isClosed).toBe(true);
    const late = await reasonOf(engine.exchange(ask("select 1")));
    expect(isDatabaseUnavailable(late)).toBe(true);
    expect((await Promise.all(waiting)).map((answer) => readAnswer(answer, []).tag)).toEqual([
      "CREATE TABLE",
      "INSERT 0 2",
    ]);
    await closing;
    await engine.close();
  });

  it("given a directory that was closed, it should open it with all that it held", async () => {
    const engine = await openInOwnThread(directory);
    const answer = await engine.exchange(ask("select n from kept order by n"));
    const columns = [{ name: "n", parse: Number }];
    expect(readAnswer(answer, columns)).toEqual({ rows: [{ n: 1 }, { n: 2 }], tag: "SELECT 2" });
    await engine.close();
  });

  it("given that it cannot open, it should say why", async () => {
    const program = new URL("data:text/javascript,throw new Error('no room')");
    await expect(openInOwnThread(directory, program)).rejects.toThrow("no room");
  });

  it.each([
    ["an error", 'throw new Error("broken")', "PGlite is closed: broken"],
    ["no word", "process.exit()", "PGlite is closed: its thread has ended"],
  ])("given that its thread dies with %s, it should tell all who wait, and all who come", async (_, end, message) => {
    const engine = await openInOwnThread(directory, thread(end));
    const reasons = await Promise.all(["1", "2", "3"].map((text) => reasonOf(engine.exchange(ask(text)))));
    reasons.push(await reasonOf(engine.exchange(ask("4"))));
    expect(reasons.map(isDatabaseUnavailable)).toEqual([true, true, true, true]);
    expect(reasons[0]).toMatchObject({ message });
    expect(engine.isClosed).toBe(true);
    await engine.close();
  });

  it("given that its thread dies of being closed, it should say so", async () => {
    const engine = await openInOwnThread(directory, thread('throw new Error("broken")'));
    await expect(engine.close()).rejects.toThrow("PGlite is closed: broken");
  });

  it("given that its thread dies in a transaction, it should tell the transaction and those behind it", async () => {
    const engine = await openInOwnThread(directory, thread('throw new Error("broken")'));
    const db = new Kysely({ dialect: new PreparingPGliteDialect(engine) });
    const asked = [
      db.transaction().execute((trx) => sql`select 1`.execute(trx)),
      sql`select 2`.execute(db),
      db.transaction().execute((trx) => sql`select 3`.execute(trx)),
    ];
    const reasons = await Promise.all(asked.map(reasonOf));
    expect(reasons.map(isDatabaseUnavailable)).toEqual([true, true, true]);
    await db.destroy();
  });

  it("given that nobody closes it, it should not keep its process alive, unless somebody waits for an answer", async () => {
    const program = `
      const { openInOwnThread } = await import("./src/db/pglite-thread.ts");
      const engine = await openInOwnThread(${JSON.stringify(directory)}, new URL(${JSON.stringify(
        thread("setTimeout(() => parentPort.postMessage(new ArrayBuffer(0)), 200); setInterval(() => {}, 1000)").href,
      )}));
      await engine.exchange(new Uint8Array(1));
      console.log("answered");`;
    const args = ["--import", "tsx", "--input-type=module", "--eval", program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
    expect(stdout).toBe("answered\n");
  });
});
