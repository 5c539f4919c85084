/** Lets a loop sleep until somebody has news for it. News that come while nobody sleeps are kept: the next sleep ends at once. */
export interface Wake {
  notify(): void;
  /** Resolves at the next news, after `milliseconds`, or when `signal` aborts. Never rejects. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export function createWake(): Wake {
  let news = false;
  let end: (() => void) | undefined;
  return {
    notify() {
      news = true;
      end?.();
    },
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (news || signal.aborted) {
          news = false;
          setImmediate(resolve);
          return;
        }
        const finish = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", finish);
          end = undefined;
          news = false;
          resolve();
        };
        const timer = setTimeout(finish, milliseconds);
        signal.addEventListener("abort", finish);
        end = finish;
      }),
  };
}
