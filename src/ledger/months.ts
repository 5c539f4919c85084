/** The month of a Unix time, in UTC: year · 100 + month, as 202607. */
export function monthOf(timestamp: bigint): number {
  const date = new Date(Number(timestamp) * 1_000);
  return date.getUTCFullYear() * 100 + date.getUTCMonth() + 1;
}
