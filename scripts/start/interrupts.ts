/** What a person at the keyboard, or whoever runs the process, wants. */
export interface Interrupts {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  /** Resolves at the first signal. */
  readonly requested: Promise<void>;
}

export interface InterruptOptions {
  readonly onSignal: (signal: NodeJS.Signals, listener: () => void) => void;
  /** At the first signal. */
  readonly onFirst: () => void;
  /** At a signal that comes later than an echo of the first: the person does not want to wait. */
  readonly onSecond: () => void;
  /** In milliseconds. */
  readonly now: () => number;
}

/**
 * One Ctrl-C arrives several times: the terminal sends it to the whole process group, and npm and npx pass on what they get. Copies
 * within this time, in milliseconds, are the same key press.
 */
export const ECHO_MS = 700;

export function watchInterrupts({ onSignal, onFirst, onSecond, now }: InterruptOptions): Interrupts {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  let latest: number | undefined;
  const listener = (): void => {
    const time = now();
    const isEcho = latest !== undefined && time - latest < ECHO_MS;
    if (latest === undefined) {
      controller.abort();
      onFirst();
      resolve();
    } else if (!isEcho) {
      onSecond();
    }
    latest = time;
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) onSignal(signal, listener);
  return { signal: controller.signal, requested: promise };
}
