/** What every resource that a transaction made carries, from what the read model says about it. */
export function madeBy(view: { readonly txHash: string; readonly blockNumber: bigint }, self: string) {
  return {
    txHash: view.txHash,
    blockNumber: Number(view.blockNumber),
    links: { self, transaction: `/v1/transactions/${view.txHash}` },
  };
}

/** The last second that a four-digit year can name, in Unix time: what lies beyond is shown as this. */
const LAST_SECOND = 253_402_300_799n;

/** Unix time in seconds as ISO 8601 in UTC. */
export function isoTime(seconds: bigint): string {
  const shown = seconds > LAST_SECOND ? LAST_SECOND : seconds;
  return new Date(Number(shown) * 1_000).toISOString();
}
