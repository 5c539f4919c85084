import { existsSync, renameSync, rmSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";

/** PGlite as one session of PostgreSQL's wire protocol, wherever it runs. */
export interface PGliteEngine {
  /**
   * Runs messages after all those that were given before, without waiting to be asked again. Their bytes are the engine's from now on.
   * Whatever they commit is in the files before the answer is given.
   * @returns The engine's answers, each to its end; a failed statement is one of them.
   * @throws Error "PGlite is closed"
   */
  exchange(messages: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  readonly isClosed: boolean;
  /** Answers what it was given before, then closes. */
  close(): Promise<void>;
}

/** Runs PGlite in this thread. @param directory Where it keeps its files; unset: in memory. */
export async function openInThisThread(directory?: string): Promise<PGliteEngine> {
  if (directory !== undefined) await layOut(directory);
  const pglite = await create(directory);
  return {
    async exchange(messages) {
      if (pglite.closed) throw new Error("PGlite is closed");
      const answers: Uint8Array[] = [];
      // A view of the engine's own memory, which the next answer overwrites.
      const onRawData = (view: Uint8Array): void => void answers.push(view.slice());
      await pglite.execProtocolRawStream(messages, { syncToFs: false, onRawData });
      // A write is on the disk before anybody hears of it, whatever file system PGlite is on.
      if (!pglite.isInTransaction()) await pglite.syncToFs();
      return joined(answers).buffer;
    },
    get isClosed() {
      return pglite.closed;
    },
    close: () => pglite.close(),
  };
}

/** One run of bytes in a buffer that holds nothing else, which can be handed to another thread. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

/** A database that is half laid out cannot be opened: a new one is laid out aside, and takes its place when it is whole. */
async function layOut(directory: string): Promise<void> {
  if (existsSync(directory)) return;
  const aside = `${directory}.new`;
  rmSync(aside, { recursive: true, force: true });
  const pglite = await create(aside);
  await pglite.close();
  renameSync(aside, directory);
}

function create(dataDir: string | undefined): Promise<PGlite> {
  return PGlite.create({ ...(dataDir === undefined ? {} : { dataDir }), relaxedDurability: false });
}
