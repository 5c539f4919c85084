import type { Db } from "../../db/connection.js";
import type { Lane } from "../../db/inbox-tables.js";
import { Problem, problemDocument } from "../../errors.js";
import type { LedgerEventOf } from "../event-types.js";
import type { Signer } from "../signers.js";
import type { LaneRules } from "./lane.js";
import type { OutboxContext } from "./ports.js";
import { problemOf } from "./problems.js";
import { rejectionOfReverted } from "./reverted.js";
import { sendAll, type Outgoing } from "./sender.js";
import {
  ampleGas,
  MAX_TRADES,
  MOST_TRADES,
  planSettlement,
  settlementPayload,
  type SettlementPayload,
} from "./settlement-plan.js";
import type { QueuedTrade } from "./settlements.js";
import { sentCall, type Fate, type QueuedOperation } from "./store.js";
import type { Mined } from "./witness.js";

const LANE: Lane = "settlement";
const ROLE = "exchange-operator";
/** Transactions that are sent together, at most. */
const TOGETHER = 4;
/**
 * Transactions that are sent and that the read model has not seen in a block, at most: enough that the node has work while the read model
 * catches up, the fates are written down and the next are made, which together take as long as several loads.
 */
const IN_FLIGHT = 4 * TOGETHER;
/** How long, in milliseconds, it is believed whose key settles. */
const OPERATOR_HOLDS_MS = 5_000;

/**
 * The lane of trades: up to `MAX_TRADES` in a transaction of the exchange operator, in the order in which they were made. Nothing is
 * simulated: the contract refuses each trade by itself, and says why.
 */
export function settlementLane(context: OutboxContext): LaneRules {
  const { db, logger, settlements } = context;
  let limit = MAX_TRADES;
  /** How many of the next transactions get as much gas as they could need, because one has failed that had less. */
  let ample = 0;
  let hasWarned = false;
  let operator: string | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;

  async function signerOf(): Promise<Signer | null> {
    if (operator === null || performance.now() - askedAt > OPERATOR_HOLDS_MS) {
      askedAt = performance.now();
      operator = await operatorAccount(db);
    }
    if (operator !== null) return context.signers.signerOf(operator);
    if (!hasWarned) logger.warn({ lane: LANE }, "No key of an exchange operator is kept here: trades wait");
    hasWarned = true;
    return null;
  }

  async function step(unmined: number): ReturnType<LaneRules["step"]> {
    try {
      return await sendNext(IN_FLIGHT - unmined);
    } catch (error) {
      // It may have come as far as the commit: what waits is read anew.
      settlements.forget();
      throw error;
    }
  }

  async function sendNext(room: number): ReturnType<LaneRules["step"]> {
    const together = Math.min(TOGETHER, room);
    const queue = await settlements.take(together * MAX_TRADES + MOST_TRADES);
    if (queue.length === 0) return null;
    const signer = await signerOf();
    if (signer === null) return null;
    const planned = await plan(queue, together);
    const sent = await sendAll(context, LANE, signer, planned);
    for (const { operations } of planned) {
      settlements.withdraw(operations);
      context.metrics.batchSize.observe(operations.length);
    }
    limit = Math.min(MAX_TRADES, limit * 2);
    ample = Math.max(0, ample - planned.length);
    return { sent };
  }

  /** As many transactions as the queue fills, each with what follows on the one before. */
  async function plan(queue: readonly QueuedTrade[], most: number): Promise<Outgoing[]> {
    const planned: Outgoing[] = [];
    for (let start = 0; start < queue.length && planned.length < most;) {
      const isAmple = ample > planned.length;
      const next = await planSettlement(db, context.addresses.Exchange, queue.slice(start), { limit, isAmple });
      planned.push(next);
      start += next.operations.length;
    }
    return planned;
  }

  async function fatesOf(mined: Mined, operations: readonly QueuedOperation[]): Promise<Fate[]> {
    const { transactionHash: txHash, blockNumber } = mined;
    if (!mined.succeeded) return fatesOfReverted(mined, operations);
    const outcomes = new Map<string, LedgerEventOf<"TradeSettled"> | LedgerEventOf<"TradeFailed">>();
    for (const event of mined.events) {
      if (event.name === "TradeSettled" || event.name === "TradeFailed")
        outcomes.set(`${event.args.takerHash} ${event.args.makerHash}`, event);
    }
    return operations.map((operation): Fate => {
      const event = outcomes.get(pairOf(settlementPayload(operation.payload)));
      const place = { id: operation.id, txHash, blockNumber };
      if (event?.name === "TradeSettled") {
        const { buyerFee, sellerFee } = event.args;
        return { ...place, status: "final", result: { tradeId: operation.id, buyerFee, sellerFee } };
      }
      const problem =
        event === undefined
          ? problemOf(operation.id, "transaction-failed", "The settlement says nothing about this trade.")
          : refusalOf(operation.id, event);
      return { ...place, status: "rejected", problem };
    });
  }

  /** Nothing of it happened: not the fault of a single trade, unless it was alone and had gas enough. */
  async function fatesOfReverted(mined: Mined, operations: readonly QueuedOperation[]): Promise<Fate[]> {
    const { to, data, gasLimit } = await sentCall(db, mined.transactionHash);
    const hadAmple = gasLimit >= ampleGas(operations.length);
    const [only, ...others] = operations;
    if (hadAmple && only !== undefined && others.length === 0) {
      const from = (await signerOf())?.address ?? context.relayer.address;
      return [await rejectionOfReverted(context, mined, only.id, { from, to, data })];
    }
    if (hadAmple) limit = Math.max(1, operations.length >> 1);
    else ample = 2 * IN_FLIGHT;
    const details = { txHash: mined.transactionHash, trades: operations.length, gasLimit: gasLimit.toString() };
    logger.warn(details, "A settlement failed as a whole: its trades are sent again");
    return operations.map(({ id }) => ({ id, status: "accepted", txHash: null, blockNumber: null }));
  }

  return {
    lane: LANE,
    maxInFlight: IN_FLIGHT,
    step,
    fatesOf,
    fateOfSuperseded: ({ id }) => ({ id, status: "accepted", txHash: null, blockNumber: null }),
    signer: signerOf,
  };
}

/** The account whose key settles: the first that was given the role. */
async function operatorAccount(db: Db): Promise<string | null> {
  const row = await db
    .selectFrom("keystores")
    .select("address")
    .where("role", "=", ROLE)
    .orderBy("created_at")
    .orderBy("address")
    .limit(1)
    .executeTakeFirst();
  return row?.address ?? null;
}

function refusalOf(operationId: string, { args }: LedgerEventOf<"TradeFailed">) {
  const { refusal, account, takerHash, makerHash } = args;
  const detail = `The contract refused the trade: ${refusal}.`;
  const problem = new Problem("trade-refused", detail, { evidence: { refusal, account, takerHash, makerHash } });
  return problemDocument(problem, `/v1/operations/${operationId}`);
}

/** How the events of the trade name it. */
function pairOf(payload: SettlementPayload): string {
  return payload.kind === "deal" ? `${payload.hash} ${payload.hash}` : `${payload.taker} ${payload.maker}`;
}
