/** Something that must be well before the service is ready. */
export interface HealthCheck {
  readonly name: string;
  /** What it still waits for, in words; undefined when all is well. A throw counts as a reason. */
  waitsFor(): Promise<string | undefined>;
}

export interface Readiness {
  readonly status: "ready" | "waiting";
  /** In words; empty when ready. */
  readonly waitingFor: readonly string[];
  readonly checks: readonly { readonly name: string; readonly ready: boolean; readonly waitsFor: string | null }[];
}

/** A check that takes longer than this, in milliseconds, counts as not ready. */
const CHECK_TIMEOUT = 3_000;

/** Asks all at once. */
export async function readiness(checks: readonly HealthCheck[]): Promise<Readiness> {
  const results = await Promise.all(
    checks.map(async (check) => {
      const waitsFor = (await within(check)) ?? null;
      return { name: check.name, ready: waitsFor === null, waitsFor };
    }),
  );
  const waitingFor = results.flatMap(({ name, waitsFor }) => (waitsFor === null ? [] : [`${name}: ${waitsFor}`]));
  return { status: waitingFor.length === 0 ? "ready" : "waiting", waitingFor, checks: results };
}

async function within(check: HealthCheck): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${CHECK_TIMEOUT} ms`), CHECK_TIMEOUT);
  });
  try {
    return await Promise.race([check.waitsFor(), late]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
