import type { Lane } from "../../db/inbox-tables.js";
import type { ProblemDocument } from "../../errors.js";
import { checksummed } from "../checksum.js";
import { isExecutionFailure, revertDataOf } from "../revert.js";
import { RpcError } from "../rpc-errors.js";
import type { CallRequest } from "../rpc-shapes.js";
import { SignerUnknownError, type Signer } from "../signers.js";
import { conclude, type LaneRules } from "./lane.js";
import { withFreshHint } from "./hints.js";
import { callPayload, plannedGasOf } from "./payloads.js";
import type { OutboxContext } from "./ports.js";
import { problemOf, problemOfRevert } from "./problems.js";
import { rejectionOfReverted } from "./reverted.js";
import type { ResultReader } from "./results.js";
import { send, sendAll } from "./sender.js";
import { sentCall, takeAccepted, type Fate, type QueuedOperation } from "./store.js";
import type { Mined } from "./witness.js";

const PREFIX = "institution:";
/** Planned calls that are sent together, and those that are sent and not yet mined, at most. */
const PLANNED_TOGETHER = 128;
const PLANNED_IN_FLIGHT = 2 * PLANNED_TOGETHER;
/** How often a call is simulated when each time another hint turns out stale. */
const MAX_ATTEMPTS = 5;

type Simulation = { readonly gas: bigint } | { readonly gas: null; readonly refusal: ProblemDocument };

/** The lane of an institutional account. */
export function institutionLaneOf(account: string): Lane {
  return `institution:${checksummed(account)}`;
}

export function isInstitutionLane(lane: string): lane is `institution:${string}` {
  return lane.startsWith(PREFIX);
}

/**
 * The lane of one institutional account: each operation is one contract call, in the order of acceptance, one at a time, because each
 * is simulated on the state that the one before it left. What the contract refuses in the simulation is rejected and never sent.
 *
 * Calls that were planned together (an import knows what each leaves to the next) are not simulated, and many are on their way at once.
 * When one of them fails on the chain, the plan does not hold, perhaps only because a call before it got lost: it goes back to the queue,
 * and each is simulated like any other, until one has succeeded.
 */
export function institutionLane(
  context: OutboxContext,
  lane: `institution:${string}`,
  reader: ResultReader,
): LaneRules {
  const address = lane.slice(PREFIX.length);

  const signerOf = (): Promise<Signer> =>
    address === context.relayer.address ? Promise.resolve(context.relayer) : context.signers.signerOf(address);

  /** False from a call that failed on the chain until one has succeeded there. */
  let isTrusting = true;
  /** Planned calls that failed without having been simulated: they are, the next time. */
  const doubted = new Set<string>();
  /** Read ahead, so that not every call asks the database: accepted, and not taken by anybody else. */
  let queue: QueuedOperation[] = [];

  async function step(unmined: number): ReturnType<LaneRules["step"]> {
    if (queue.length === 0) queue = await takeAccepted(context.db, lane, PLANNED_IN_FLIGHT);
    const [first] = queue;
    if (first === undefined) return null;
    const planned = leadingPlanned(queue);
    // A full load at a time, unless there is less to do: loads of one would cost as much each.
    const load = Math.min(planned.length, PLANNED_TOGETHER);
    if (unmined > (load === 0 ? 0 : PLANNED_IN_FLIGHT - load)) return null;
    try {
      const outcome = load === 0 ? await take(first) : await takePlanned(planned.slice(0, load));
      queue.splice(0, Math.max(load, 1));
      return outcome;
    } catch (error) {
      // A step that fails in between knows nothing of the queue any more.
      queue = [];
      throw error;
    }
  }

  /** What begins the queue and may be sent without being simulated. */
  function leadingPlanned(operations: readonly QueuedOperation[]): readonly QueuedOperation[] {
    const isPlanned = ({ id, payload }: QueuedOperation): boolean =>
      isTrusting && !doubted.has(id) && plannedGasOf(payload) !== null;
    const end = operations.findIndex((operation) => !isPlanned(operation));
    return end < 0 ? operations : operations.slice(0, end);
  }

  async function knownSigner(): Promise<Signer | null> {
    return signerOf().catch((error: unknown) => {
      if (error instanceof SignerUnknownError) return null;
      throw error;
    });
  }

  async function takePlanned(operations: readonly QueuedOperation[]): ReturnType<LaneRules["step"]> {
    const signer = await knownSigner();
    if (signer === null) return rejectUnsigned(operations);
    const outgoing = operations.map((operation) => ({
      call: { ...callPayload(operation.payload), gasLimit: plannedGasOf(operation.payload) ?? 0n },
      operations: [operation],
    }));
    return { sent: await sendAll(context, lane, signer, outgoing) };
  }

  async function take(operation: QueuedOperation): ReturnType<LaneRules["step"]> {
    const signer = await knownSigner();
    if (signer === null) return rejectUnsigned([operation]);

    const planned = callPayload(operation.payload);
    for (let attempt = 1; ; attempt++) {
      const call = await withFreshHint(context, planned);
      const simulated = await simulate(context, operation.id, { from: signer.address, ...call });
      if (simulated.gas !== null) {
        // A quarter more than now: the state may have changed a little by the time it is mined.
        const outgoing = { ...call, gasLimit: simulated.gas + simulated.gas / 4n };
        return { sent: await send(context, lane, signer, outgoing, [operation]) };
      }
      // A block came in between, and with it a new neighbour in the contract's list.
      if (!simulated.refusal.retryable || attempt === MAX_ATTEMPTS) return reject([operation], () => simulated.refusal);
    }
  }

  function rejectUnsigned(operations: readonly QueuedOperation[]): ReturnType<LaneRules["step"]> {
    const detail = `The service holds no key for ${address}.`;
    return reject(operations, ({ id }) => problemOf(id, "signer-unavailable", detail));
  }

  async function reject(
    operations: readonly QueuedOperation[],
    problem: (operation: QueuedOperation) => ProblemDocument,
  ): ReturnType<LaneRules["step"]> {
    const nowhere = { txHash: null, blockNumber: null };
    const fates = operations.map((operation): Fate => {
      return { id: operation.id, status: "rejected", problem: problem(operation), ...nowhere };
    });
    await conclude(context, lane, fates);
    for (const { id } of operations) doubted.delete(id);
    return { sent: null };
  }

  return {
    lane,
    maxInFlight: PLANNED_IN_FLIGHT,
    step,
    fatesOf: (mined, operations) =>
      Promise.all(
        operations.map(async ({ id, payload }): Promise<Fate> => {
          const { transactionHash: txHash, blockNumber } = mined;
          isTrusting = mined.succeeded;
          if (!mined.succeeded) {
            // What it left undone goes again, before what was read ahead.
            queue = [];
            if (plannedGasOf(payload) !== null && !doubted.has(id)) {
              doubted.add(id);
              return { id, status: "accepted", txHash: null, blockNumber: null };
            }
            const fate = await fateOfReverted(context, mined, id, address);
            if (fate.status === "rejected") doubted.delete(id);
            return fate;
          }
          doubted.delete(id);
          return { id, status: "final", result: reader.readCall(mined), txHash, blockNumber };
        }),
      ),
    fateOfSuperseded: ({ id }) => {
      queue = [];
      return { id, status: "accepted", txHash: null, blockNumber: null };
    },
    signer: signerOf,
  };
}

async function simulate(context: OutboxContext, operationId: string, call: CallRequest): Promise<Simulation> {
  const { connection } = context;
  try {
    await connection.call(call);
    return { gas: await connection.estimateGas(call) };
  } catch (error) {
    if (!(error instanceof RpcError) || !isExecutionFailure(error)) throw error;
    return { gas: null, refusal: problemOfRevert(operationId, revertDataOf(error) ?? "0x") };
  }
}

async function fateOfReverted(context: OutboxContext, mined: Mined, id: string, from: string): Promise<Fate> {
  const { to, data } = await sentCall(context.db, mined.transactionHash);
  const fate = await rejectionOfReverted(context, mined, id, { from, to, data });
  // Its hint went stale between simulation and block: it goes again, with a fresh one.
  const isStale = fate.status === "rejected" && fate.problem.retryable;
  return isStale ? { id, status: "accepted", txHash: null, blockNumber: null } : fate;
}
