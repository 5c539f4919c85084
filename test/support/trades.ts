import type { AgreedTrade } from "../../src/market/ports.js";
import type { TestDatabase } from "./database.js";

const ADDRESS = "0x0000000000000000000000000000000000000001";

/** 0x and 64 digits. */
export function hashOf(number: number): string {
  return `0x${number.toString(16).padStart(64, "0")}`;
}

/** A trade between two orders that nobody knows. */
export function agreedTrade(number: number, changes: Partial<AgreedTrade> = {}): AgreedTrade {
  return {
    id: hashOf(number),
    batch: "A-1",
    mode: "book",
    takerHash: hashOf(1_000 + number),
    makerHash: hashOf(2_000 + number),
    buyer: ADDRESS,
    seller: ADDRESS,
    buyerParticipantId: 1,
    sellerParticipantId: 2,
    tonnes: 10,
    price: 136_000,
    aggressor: "buy",
    buyerMaximumFee: 0,
    sellerMaximumFee: 0,
    matchedAt: Date.UTC(2026, 5, 29) + number,
    ...changes,
  };
}

/** A signed transaction of the lane of trades that is not written down yet. */
export function settlementTransaction(number: number) {
  return {
    hash: hashOf(10_000 + number),
    sender: ADDRESS,
    nonce: BigInt(number),
    raw: "0x00",
    lane: "settlement",
  } as const;
}

/** The table `operation_log`, in order: what came, and to how many. */
export async function loggedSteps({ db }: Pick<TestDatabase, "db">): Promise<[string, number][]> {
  const rows = await db.selectFrom("operation_log").select(["status", "operations"]).orderBy("id").execute();
  return rows.map(({ status, operations }) => [status, operations.length]);
}
