/** One fact: what the read model says, and how to ask the chain. */
export interface Check {
  readonly what: string;
  readonly which: string;
  readonly readModel: unknown;
  readonly ask: () => Promise<unknown>;
}
