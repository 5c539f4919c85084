import type { BaseContract, ContractTransactionReceipt, Interface, Result } from "ethers";
import { expect } from "vitest";

/** The custom error that a call or transaction failed with. Fails the test when it succeeds, or fails in another way. */
export async function expectRevert(
  attempt: Promise<unknown>,
  contract: { interface: Interface },
  name: string,
  evidence?: readonly unknown[],
): Promise<void> {
  const data = await revertData(attempt);
  const error = contract.interface.parseError(data);
  expect(error?.name ?? data).toBe(name);
  if (evidence !== undefined) expect(error?.args.toArray(true)).toEqual(evidence);
}

/** The revert data of a call or transaction, hex. Fails the test when it succeeds. */
export async function revertData(attempt: Promise<unknown>): Promise<string> {
  let failure: unknown;
  try {
    await attempt;
  } catch (error) {
    failure = error;
  }
  if (failure === undefined) throw new Error("Expected a revert, got a success");
  if (failure instanceof Error && "data" in failure && typeof failure.data === "string") return failure.data;
  throw new Error("Failed otherwise than by a revert", { cause: failure });
}

/** The events of one contract in a receipt, in order, with their arguments as plain arrays. */
export function eventsOf(receipt: ContractTransactionReceipt | null, contract: BaseContract): LedgerEvent[] {
  if (receipt === null) throw new Error("Not mined");
  return receipt.logs
    .filter((log) => log.address === contract.target)
    .map((log) => contract.interface.parseLog(log))
    .filter((event) => event !== null)
    .map(({ name, args }) => ({ name, args: args.toArray(true), named: args }));
}

export interface LedgerEvent {
  name: string;
  args: unknown[];
  named: Result;
}
