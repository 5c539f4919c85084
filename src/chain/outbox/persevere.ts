import { isDatabaseUnavailable } from "../../db/connection.js";
import type { Lane } from "../../db/inbox-tables.js";
import { ChainUnavailableError } from "../rpc-errors.js";
import type { OutboxContext } from "./ports.js";
import { createWake, type Wake } from "./wake.js";

/**
 * Repeats `work` until the outbox stops, with the pause that it asks for (in milliseconds; 0: none). A failure is repeated too, after pauses that grow: what was accepted is never given up because something is away.
 */
export async function persevere(
  context: OutboxContext,
  lane: Lane,
  wake: Wake,
  work: () => Promise<number>,
): Promise<void> {
  const { settings, signal, logger } = context;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const pause = await work();
      failures = 0;
      if (pause > 0) await wake.sleep(pause, signal);
    } catch (error) {
      // Stopping makes waits reject: not a failure.
      if (context.signal.aborted) return;
      failures += 1;
      const pause = Math.min(settings.retryMs * 2 ** (failures - 1), settings.maxRetryMs);
      const details = { lane, err: error, retryInMs: pause, failures };
      if (error instanceof ChainUnavailableError) logger.warn(details, "The chain is away: accepted operations wait");
      else if (isDatabaseUnavailable(error)) logger.warn(details, "The database is away: the outbox waits for it");
      else logger.error(details, "The outbox failed and tries again");
      await createWake().sleep(pause, signal);
    }
  }
}
