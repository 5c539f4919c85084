import type { RegistryCalls } from "../chain/registry-calls.js";
import type { Asker, Institution } from "../institution.js";

export interface BufferDeps {
  readonly institution: Institution;
  readonly calls: RegistryCalls;
}

export type BufferAccount = ReturnType<typeof createBufferAccount>;

/** Where the buffer shares of issuances go from now on. What is in an earlier account stays there. Acts return the operation's id. */
export function createBufferAccount({ institution, calls }: BufferDeps) {
  return {
    async set(asker: Asker, account: string): Promise<string> {
      const call = calls.setBufferAccount(account);
      return institution.act(asker, { kind: "buffer-account.set", call, request: { account } });
    },

    /** Announces the change, for the delay of the role to begin. */
    async schedule(asker: Asker, account: string): Promise<string> {
      const call = calls.scheduleBufferAccount(account);
      return institution.act(asker, { kind: "buffer-account.set.schedule", call, request: { account } });
    },
  };
}
