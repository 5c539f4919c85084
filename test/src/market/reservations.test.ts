import { describe, expect, it } from "vitest";

import { CASH } from "../../../src/market/ports.js";
import { createReservations } from "../../../src/market/reservations.js";

const ALICE = "0x00000000000000000000000000000000000a11ce";

describe("reservations.shortfall", () => {
  function reservationsOf(amount: bigint, leaving: bigint) {
    return createReservations({
      load: async () => undefined,
      of: (account, asset) => (account === ALICE && asset === CASH ? { amount, leaving } : undefined),
    });
  }

  it("given a position that covers what orders bind, it should be nothing", async () => {
    const reservations = reservationsOf(100n, 40n);
    reservations.hold("order:1", ALICE, CASH, 60n);
    expect(await reservations.shortfall(ALICE, CASH)).toBe(0n);
  });

  it("given more that is leaving, it should be what is missing, trades and other assets left out", async () => {
    const reservations = reservationsOf(100n, 41n);
    reservations.hold("order:1", ALICE, CASH, 50n);
    reservations.hold("order:2", ALICE, CASH, 10n);
    reservations.hold("trade:1:cash", ALICE, CASH, 1_000n);
    reservations.hold("order:3", ALICE, "VN-2024", 7n);
    expect(await reservations.shortfall(ALICE, CASH)).toBe(1n);
  });

  it("given no position, it should be all that orders bind", async () => {
    const reservations = reservationsOf(100n, 0n);
    reservations.hold("order:3", ALICE, "VN-2024", 7n);
    expect(await reservations.shortfall(ALICE, "VN-2024")).toBe(7n);
  });
});
