import { describe, expect, it } from "vitest";

import { ECHO_MS, watchInterrupts } from "../../../scripts/start/interrupts.js";

/** A keyboard, a clock, and what came of it. */
function keyboard() {
  const listeners = new Map<string, () => void>();
  const told: string[] = [];
  let time = 1_000;
  const interrupts = watchInterrupts({
    onSignal: (signal, listener) => void listeners.set(signal, listener),
    onFirst: () => void told.push("first"),
    onSecond: () => void told.push("second"),
    now: () => time,
  });
  const press = (signal: string, later: number): void => {
    time += later;
    listeners.get(signal)?.();
  };
  return { interrupts, told, press };
}

describe("Ctrl-C", () => {
  it("asks for an end once, though the signal arrives several times", async () => {
    const { interrupts, told, press } = keyboard();

    press("SIGINT", 0);
    press("SIGINT", 20);
    press("SIGTERM", 50);

    expect(told).toEqual(["first"]);
    expect(interrupts.signal.aborted).toBe(true);
    await interrupts.requested;
  });

  it("ends at once when it is pressed again", () => {
    const { told, press } = keyboard();

    press("SIGINT", 0);
    press("SIGINT", ECHO_MS + 1);

    expect(told).toEqual(["first", "second"]);
  });

  it("takes a series of copies that goes on for long as one press still", () => {
    const { told, press } = keyboard();

    press("SIGINT", 0);
    press("SIGINT", ECHO_MS - 1);
    press("SIGTERM", ECHO_MS - 1);

    expect(told).toEqual(["first"]);
  });

  it("is not pressed before it is pressed", () => {
    const { interrupts, told } = keyboard();

    expect(interrupts.signal.aborted).toBe(false);
    expect(told).toEqual([]);
  });
});
