import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { dayNumber } from "../../../../src/chain/codes.js";
import { institutionLaneOf } from "../../../../src/chain/outbox/institution-lane.js";
import type { HintSource } from "../../../../src/chain/outbox/ports.js";
import { createRegistryCalls } from "../../../../src/chain/registry-calls.js";
import { eventSources } from "../../../../src/chain/manifest.js";
import { signStatement } from "../../../../src/chain/statement.js";
import { foreignBlockBefore, statementIdBefore } from "../../../../src/ledger/read/registry.js";
import { newOperationId, type NewOperation } from "../../../../src/operations/service.js";
import { createOutboxStage, type OutboxStage } from "../../../support/outbox-stage.js";

const PROJECT = "HINTS";

let stage: OutboxStage;
beforeEach(async () => {
  stage = await createOutboxStage();
  await stage.ledger.registerProject(PROJECT, 1);
});
afterEach(() => stage.close());

/** The delivery of a statement about a year, in the relayer's own lane. */
async function delivery(year: number): Promise<NewOperation> {
  const statement = stage.ledger.statementOf(PROJECT, {
    periodStart: dayNumber(`${year}-01-01`),
    periodEnd: dayNumber(`${year}-12-31`),
  });
  const signature = await signStatement(stage.keys.verifier, statement, stage.ledger.domain);
  return {
    id: newOperationId(),
    kind: "statement.record",
    lane: institutionLaneOf(stage.relayer),
    request: {},
    payload: createRegistryCalls(eventSources(stage.ledger.manifest)).recordStatement(statement, signature),
  };
}

/** What the read model knows; the first `stale` answers about statements say that there is none before. */
function hintsOf(stale: number): HintSource & { asked: number } {
  const source = {
    asked: 0,
    async previousStatement(project: string, periodStart: bigint): Promise<string | null> {
      source.asked += 1;
      return source.asked <= stale ? null : statementIdBefore(stage.db, project, periodStart);
    },
    previousForeignBlock: (programme: string, series: string, start: bigint) =>
      foreignBlockBefore(stage.db, programme, series, start),
  };
  return source;
}

describe("a call that takes a hint", () => {
  it("given a hint that is stale by the time of the simulation, it should ask again", async () => {
    await stage.ledger.recordStatement(stage.ledger.statementOf(PROJECT));
    const hints = hintsOf(2);
    stage.startOutbox({ hints });

    const ended = await stage.settle(await delivery(2025));

    expect([ended.status, ended.problem, hints.asked]).toEqual(["final", null, 3]);
  });

  it("given nothing but stale hints, it should be rejected as retryable in the end, and hold nobody up", async () => {
    await stage.ledger.recordStatement(stage.ledger.statementOf(PROJECT));
    const hints = hintsOf(5);
    stage.startOutbox({ hints });

    const ended = await stage.settle(await delivery(2025));
    const next = await stage.settle(await delivery(2026));

    expect(ended.status).toBe("rejected");
    expect(ended.problem).toMatchObject({ code: "registry-previous-statement-invalid", retryable: true });
    expect(next.status).toBe("final");
  });

  it("given a hint that goes stale on the way into the block, it should go again with a fresh one", async () => {
    await stage.ledger.recordStatement(stage.ledger.statementOf(PROJECT));
    const hints = hintsOf(0);
    const { connection } = stage.startOutbox({ hints });
    const { sendRawTransaction } = connection;
    let raced = false;
    connection.sendRawTransaction = async (raw) => {
      if (!raced) {
        raced = true;
        // Another delivers a period in between, and is first.
        const between = stage.ledger.statementOf(PROJECT, {
          periodStart: dayNumber("2025-01-01"),
          periodEnd: dayNumber("2025-12-31"),
        });
        const previous = await stage.ledger.registry.hashStatement(stage.ledger.statementOf(PROJECT));
        await stage.ledger.recordStatement(between, previous);
      }
      // The node of the tests refuses to answer for what reverts, and mines it nevertheless.
      return sendRawTransaction(raw).catch(() => `0x${"00".repeat(32)}`);
    };

    const ended = await stage.settle(await delivery(2026));

    expect([ended.status, ended.problem]).toEqual(["final", null]);
    const statuses = await stage.db.selectFrom("transactions").select("status").orderBy("seq").execute();
    expect(statuses.map((row) => row.status)).toEqual(["failed", "final"]);
  });

  it("given intents at the same time, the relayer's two lanes should share its nonces", async () => {
    stage.startOutbox({ hints: hintsOf(0) });
    const operations = [
      ...(await Promise.all([2019, 2020, 2021].map(delivery))),
      ...(await Promise.all([1n, 2n, 3n].map(async (tonnes) => (await stage.transfer({ tonnes })).operation))),
    ];

    const ended = await Promise.all(operations.map((operation) => stage.settle(operation)));

    expect(ended.map(({ status }) => status)).toEqual(operations.map(() => "final"));
    expect(stage.logger.lines.filter(({ level }) => level === "error")).toEqual([]);
  });
});
