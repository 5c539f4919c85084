import type { CancelCommand, PlaceCommand, Side } from "../../src/matching/types.js";

/** Whole numbers from 0 up to, not including, `below`: the same for the same seed, everywhere. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export type FlowCommand = PlaceCommand | CancelCommand;

const MIDDLE = 136_000;
const TICK = 100;
const MAX_TONNES = 500;
/** Buyers have even numbers, sellers odd ones: nobody meets themselves, so that engines without owners can play along. */
const FIRMS = 100;

export interface FlowSettings {
  readonly seed: number;
  readonly count: number;
  /** How many of 100 commands are limit orders, and how many cancellations; the others are market orders. */
  readonly limits: number;
  readonly cancels: number;
  /** Limit prices lie within so many ticks of a middle that wanders. */
  readonly spread: number;
}

/** What the benchmark and the tests of the book run on: a busy day, more or less. */
export const MIXED_FLOW: FlowSettings = { seed: 20_260_629, count: 200_000, limits: 48, cancels: 42, spread: 100 };

/**
 * Limit orders on both sides of a price that wanders (some of them cross it), cancellations of any earlier limit order (many are gone by
 * then), and market orders.
 */
export function mixedFlow({ seed, count, limits, cancels, spread }: FlowSettings): FlowCommand[] {
  const random = createRandom(seed);
  const commands: FlowCommand[] = [];
  const placed: number[] = [];
  let middle = MIDDLE;
  for (let id = 1; id <= count; id += 1) {
    const dice = random(100);
    const side: Side = random(2) === 0 ? "buy" : "sell";
    if (random(50) === 0) middle += (random(3) - 1) * TICK;
    if (dice >= limits && dice < limits + cancels && placed.length > 0) {
      const at = random(placed.length);
      commands.push({ kind: "cancel", id: placed[at] as number });
      placed[at] = placed.at(-1) as number;
      placed.pop();
      continue;
    }
    const isLimit = dice < limits;
    // An eighth of the spread reaches over to the other side.
    const distance = (random(spread) - (spread >> 3)) * TICK;
    if (isLimit) placed.push(id);
    commands.push({
      kind: "place",
      id,
      owner: random(FIRMS) * 2 + (side === "buy" ? 0 : 1),
      type: isLimit ? "limit" : "market",
      side,
      price: isLimit ? middle + (side === "buy" ? -distance : distance) : side === "buy" ? MIDDLE * 2 : TICK,
      tonnes: 1 + random(MAX_TONNES),
      timeInForce: isLimit ? "gtc" : "ioc",
    });
  }
  return commands;
}

/** How far from the middle the steady flow's orders lie: so many prices on each side. */
const STEADY_PRICES = 1_000;

/** Places a limit order that does not cross, at any of the prices. */
function passive(id: number, random: (below: number) => number): PlaceCommand {
  const side: Side = random(2) === 0 ? "buy" : "sell";
  const distance = (1 + random(STEADY_PRICES)) * TICK;
  return {
    kind: "place",
    id,
    owner: random(FIRMS) * 2 + (side === "buy" ? 0 : 1),
    type: "limit",
    side,
    price: MIDDLE + (side === "buy" ? -distance : distance),
    tonnes: 1 + random(MAX_TONNES),
    timeInForce: "gtc",
  };
}

/** So many orders at rest, and then as many new ones as cancellations of any of them: the book stays as large as it is. */
export function steadyFlow(resting: number, count: number): { before: FlowCommand[]; then: FlowCommand[] } {
  const random = createRandom(resting);
  const before = Array.from({ length: resting }, (_, index) => passive(index + 1, random));
  const standing = before.map(({ id }) => id);
  const then: FlowCommand[] = [];
  for (let id = resting + 1; then.length < count; id += 1) {
    const at = random(standing.length);
    then.push(passive(id, random), { kind: "cancel", id: standing[at] as number });
    standing[at] = id;
  }
  return { before, then };
}
