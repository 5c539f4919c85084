/** The longest that an answer is held back, in seconds. */
export const MAX_WAIT_SECONDS = 60;

/**
 * Seconds that the caller is willing to wait (RFC 7240, `Prefer: wait=N`), at most 60. A preference that we do not
 * understand is ignored, as the RFC says.
 */
export function waitSeconds(prefer: string | undefined): number | undefined {
  for (const preference of (prefer ?? "").split(",")) {
    const match = /^\s*wait\s*=\s*"?(\d{1,6})"?\s*(;.*)?$/i.exec(preference);
    if (match) return Math.min(Number(match[1]), MAX_WAIT_SECONDS);
  }
  return undefined;
}
