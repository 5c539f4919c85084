export interface SeenEvent {
  readonly id: string | null;
  readonly event: string;
  // Tests look into it as they like.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly data: any;
}

export interface StreamReader {
  readonly response: Response;
  /** The next event; undefined when the stream has ended. */
  next(): Promise<SeenEvent | undefined>;
  /** The next event of a name; those before it are dropped. Undefined when the stream has ended. */
  nextOf(event: string): Promise<SeenEvent | undefined>;
  /** How many comments have come. */
  comments(): number;
  close(): void;
}

/** Reads server-sent events as they come. */
export async function readStream(url: string, headers: Record<string, string> = {}): Promise<StreamReader> {
  const gone = new AbortController();
  const response = await fetch(url, { headers, signal: gone.signal });
  if (!response.ok || response.body === null) throw new Error(`${response.status}: ${await response.text()}`);
  const queue: SeenEvent[] = [];
  let comments = 0;
  let isOver = false;
  let wake: () => void = () => undefined;

  void (async () => {
    let text = "";
    try {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        const blocks = text.split("\n\n");
        text = blocks.pop() ?? "";
        for (const block of blocks) {
          if (block.startsWith(":")) comments++;
          const event = parse(block);
          if (event !== undefined) queue.push(event);
        }
        wake();
      }
    } catch {
      // Closed from this side, or cut.
    }
    isOver = true;
    wake();
  })();

  async function next(): Promise<SeenEvent | undefined> {
    while (queue.length === 0 && !isOver) await new Promise<void>((resolve) => (wake = resolve));
    return queue.shift();
  }

  return {
    response,
    next,
    async nextOf(name) {
      for (;;) {
        const event = await next();
        if (event === undefined || event.event === name) return event;
      }
    },
    comments: () => comments,
    close: () => gone.abort(),
  };
}

function parse(block: string): SeenEvent | undefined {
  const fields = new Map(
    block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
  const event = fields.get("event");
  if (event === undefined) return undefined;
  return { id: fields.get("id") ?? null, event, data: JSON.parse(fields.get("data") ?? "null") as unknown };
}
