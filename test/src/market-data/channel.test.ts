import { describe, expect, it } from "vitest";

import { Problem } from "../../../src/errors.js";
import { createChannel } from "../../../src/market-data/channel.js";

const START = 1_782_700_000_000;

describe("a channel", () => {
  it("should number without gaps from the time of its start, and tell who listens", () => {
    const channel = createChannel(START, 10);
    const seen: number[] = [];
    const leave = channel.subscribe(({ data }) => seen.push(data.sequence));
    channel.publish("a", { x: 1 });
    channel.publish("b", {});
    leave();
    channel.publish("c", {});
    expect(seen).toEqual([START * 1_000 + 1, START * 1_000 + 2]);
    expect(channel.sequence()).toBe(START * 1_000 + 3);
  });

  it("should give what came after an event, as long as it keeps all of it", () => {
    const channel = createChannel(START, 3);
    const first = channel.sequence();
    for (const name of ["a", "b", "c", "d", "e"]) channel.publish(name, {});
    const names = (from: number) => channel.after(from).map(({ event }) => event);
    expect(names(first + 5)).toEqual([]);
    expect(names(first + 4)).toEqual(["e"]);
    expect(names(first + 2)).toEqual(["c", "d", "e"]);
    expect(() => names(first + 1)).toThrow(Problem);
    expect(() => names(first + 6)).toThrow(Problem);
  });

  it("should begin above every number of an earlier run", () => {
    const earlier = createChannel(START, 3);
    for (let i = 0; i < 500; i++) earlier.publish("a", {});
    const later = createChannel(START + 1, 3);
    expect(later.sequence()).toBeGreaterThan(earlier.sequence());
    expect(() => later.after(earlier.sequence())).toThrow("cannot go on");
  });
});
