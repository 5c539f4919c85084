import { isProblem } from "./problem.js";
import type { Address } from "./types.js";

/** Gives each order of an account in a batch its nonce: the service is asked once, and from then on it is counted here. */
export interface OrderNonces {
  /**
   * Does something with the next nonce. When another process took it meanwhile, which the service says before it does anything, the
   * service is asked anew, once.
   */
  use<Answer>(account: Address, batch: string, act: (nonce: bigint) => Promise<Answer>): Promise<Answer>;
  /** The next nonce, which nobody else is given here. */
  next(account: Address, batch: string): Promise<bigint>;
}

export function createOrderNonces(
  ask: (account: Address, batch: string) => Promise<{ readonly nonce: string }>,
): OrderNonces {
  const last = new Map<string, Promise<bigint>>();

  async function next(account: Address, batch: string): Promise<bigint> {
    const key = `${account} ${batch}`;
    const before = last.get(key) ?? ask(account, batch).then(({ nonce }) => BigInt(nonce) - 1n);
    const given = before.then((nonce) => nonce + 1n);
    last.set(key, given);
    // A failure is not remembered.
    given.catch(() => last.delete(key));
    return given;
  }

  return {
    next,
    async use(account, batch, act) {
      try {
        return await act(await next(account, batch));
      } catch (error) {
        if (!isProblem(error, "order-nonce-used")) throw error;
        last.delete(`${account} ${batch}`);
        return act(await next(account, batch));
      }
    },
  };
}
