import type { OutboxContext } from "./ports.js";

/**
 * Gives back to the chain what it has forgotten: after an unclean stop of a node, the transactions of its last blocks may be gone, and
 * the nonces of their senders with them. The same bytes are broadcast again in the order in which they were signed, so that what was
 * said to be final becomes so again; their fates stay as they are.
 * @throws ChainUnavailableError
 */
export async function recoverLost({ db, connection, logger }: OutboxContext): Promise<void> {
  const senders = await db
    .selectFrom("transactions")
    .select((eb) => ["sender", eb.fn.max("nonce").as("nonce")])
    .where("status", "in", ["final", "failed"])
    .groupBy("sender")
    .execute();
  const behind: { sender: string; from: bigint }[] = [];
  for (const { sender, nonce } of senders) {
    const from = await connection.getTransactionCount(sender, "latest");
    if (from <= nonce) behind.push({ sender, from });
  }
  if (behind.length === 0) return;

  const lost = await db
    .updateTable("transactions")
    .set({ status: "signed", block_number: null })
    .where("status", "in", ["final", "failed"])
    .where((eb) => eb.or(behind.map(({ sender, from }) => eb("sender", "=", sender).and("nonce", ">=", from))))
    .returning(["hash", "raw", "seq"])
    .execute();
  logger.warn(
    { transactions: lost.length },
    "The chain has lost transactions that were in blocks: they are broadcast again",
  );
  lost.sort((a, b) => (a.seq < b.seq ? -1 : 1));
  for (const { raw, hash } of lost) {
    try {
      await connection.sendRawTransaction(raw);
    } catch (error) {
      logger.warn({ txHash: hash, error: String(error) }, "The chain did not take a lost transaction back at once");
    }
  }
}
