import type { Output } from "./io.js";

export interface Progress {
  /** @param total 0 when it is not known. */
  set(done: number | bigint, total: number | bigint): void;
  /** Takes the bar away. */
  end(): void;
}

const WIDTH = 30;
/** Milliseconds between two drawings. */
const PACE = 100;
const CLEAR = "\r\u001b[K";

/** One line that is drawn over and over, on a terminal; silent anywhere else. */
export function createProgress(output: Output, label: string, now: () => number = Date.now): Progress {
  if (output.isTTY !== true) return { set: () => undefined, end: () => undefined };
  let drawn = -Infinity;
  return {
    set(done, total) {
      const time = now();
      if (time - drawn < PACE) return;
      drawn = time;
      output.write(`${CLEAR}${label} ${barOf(Number(done), Number(total))}`);
    },
    end() {
      output.write(CLEAR);
    },
  };
}

function barOf(done: number, total: number): string {
  if (total <= 0) return String(done);
  const share = Math.min(1, Math.max(0, done / total));
  const filled = Math.round(share * WIDTH);
  return `[${"#".repeat(filled)}${"-".repeat(WIDTH - filled)}] ${Math.floor(share * 100)} % (${done} of ${total})`;
}
