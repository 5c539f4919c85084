interface Waiting<Input, Output> {
  readonly input: Input;
  resolve(output: Output): void;
  reject(error: unknown): void;
}

/**
 * Turns many questions of one kind into few: while one query is under way the next group collects, so that all that ask at once share
 * the cost of a query. A question is never answered by a query that began before it was asked.
 * @param limit The most inputs in one query.
 * @param query Outputs in the order of the inputs. When it fails, it fails for its group.
 */
export function grouped<Input, Output>(
  limit: number,
  query: (inputs: readonly Input[]) => Promise<readonly Output[]>,
): (input: Input) => Promise<Output> {
  const queue: Waiting<Input, Output>[] = [];
  let isRunning = false;

  async function answer(group: readonly Waiting<Input, Output>[]): Promise<void> {
    try {
      const outputs = await query(group.map(({ input }) => input));
      for (const [place, { resolve }] of group.entries()) resolve(outputs[place] as Output);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  async function run(): Promise<void> {
    isRunning = true;
    // All that arrive in this turn of the event loop belong to the first group.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) await answer(queue.splice(0, limit));
    isRunning = false;
  }

  return (input) =>
    new Promise((resolve, reject) => {
      queue.push({ input, resolve, reject });
      if (!isRunning) void run();
    });
}
