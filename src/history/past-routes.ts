import { isoTime } from "../http/links.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import { dayEnd, dayStart } from "../ledger/read/days.js";
import type { SerialStep } from "../ledger/read/serial-life.js";
import { HISTORY_TAG } from "./schemas.js";
import {
  serialLifeSchema,
  serialParams,
  serialQuery,
  statementParams,
  statementQuery,
  statementSchema,
} from "./past-schemas.js";
import type { Past, SeenLife } from "./past-service.js";

/** The past of one account, and of one tonne. */
export function pastRoutes(past: Past): Route[] {
  const statement = defineRoute({
    method: "get",
    path: "/accounts/{address}/statement",
    summary: "The statement of units of an account between two days",
    description: "For each batch, opening and movements add up to the closing. A participant's key sees its own.",
    tag: HISTORY_TAG,
    access: "key",
    params: statementParams,
    query: statementQuery,
    answers: { 200: { description: "The statement.", schema: statementSchema } },
    async handle({ params, query, principal }) {
      const { from, to, batch, limit, cursor } = query;
      const account = params.address;
      const range = { from: dayStart(from), to: dayEnd(to) };
      const { lines, fromBlock, toBlock, batches } = await past.statement(principal, {
        account,
        batch,
        ...range,
        limit,
        cursor,
      });
      const items = lines.items.map((line) => ({
        ...line,
        timestamp: isoTime(line.timestamp),
        blockNumber: Number(line.blockNumber),
      }));
      const blocks = { fromBlock: Number(fromBlock), toBlock: Number(toBlock) };
      return ok({ account, from, to, ...blocks, batches, items, next: lines.next });
    },
  });

  const serial = defineRoute({
    method: "get",
    path: "/serials/{serial}",
    summary: "The life of one tonne: issued, moved, retired or cancelled",
    description:
      "`BATCH:NUMBER`. Accounts of holders are shown to institutions, auditors, regulators, and to the firm whose account it is.",
    tag: HISTORY_TAG,
    access: "public",
    params: serialParams,
    query: serialQuery,
    answers: { 200: { description: "What is known of it.", schema: serialLifeSchema } },
    problems: ["serial-unknown"],
    async handle({ params, principal }) {
      return ok(lifeItem(await past.life(principal, params.serial.batch, params.serial.number)));
    },
  });

  return [statement, serial];
}

function lifeItem({ life, retirement, names, maySee }: SeenLife) {
  const { batch, serial, project, vintage, issued, steps, hasMoreSteps, end } = life;
  const seen = (account: string | null): string | null => (account !== null && maySee(account) ? account : null);
  const isPublic = end.state !== "held" || maySee(end.account);
  const cancellationId = end.state === "cancelled" ? end.recordId : null;
  return {
    batch,
    serial,
    projectCode: project,
    projectName: names.project(project).name,
    vintage,
    issued: {
      issuanceId: issued.issuanceId,
      account: seen(issued.account),
      at: isoTime(issued.at),
      blockNumber: Number(issued.blockNumber),
      txHash: issued.txHash,
    },
    steps: steps.map((step) => stepItem(step, seen)),
    hasMoreSteps,
    end: {
      state: end.state,
      account: isPublic ? end.account : null,
      firm: isPublic ? names.firmName(names.firmOf(end.account)) : null,
      retirement:
        retirement === null
          ? null
          : {
              id: retirement.id,
              beneficiary: retirement.beneficiary,
              purpose: retirement.purpose,
              retiredAt: isoTime(retirement.retiredAt),
            },
      cancellationId,
    },
    links: {
      self: `/v1/serials/${batch}:${serial}`,
      record:
        retirement !== null
          ? `/v1/retirements/${retirement.id}`
          : cancellationId === null
            ? null
            : `/v1/cancellations/${cancellationId}`,
    },
  };
}

function stepItem(step: SerialStep, seen: (account: string | null) => string | null) {
  return {
    ...step,
    from: seen(step.from),
    to: seen(step.to),
    since: isoTime(step.since),
    until: step.until === null ? null : isoTime(step.until),
    blockNumber: Number(step.blockNumber),
  };
}
