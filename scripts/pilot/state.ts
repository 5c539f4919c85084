import { chmod, mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";

/**
 * What a pilot run must remember to go on after a crash without doing anything twice: the keys it made, and the deadline that its
 * intents carry. Everything else is asked again from the service, under the same idempotency keys and nonces.
 */
const stateSchema = z.strictObject({
  formatVersion: z.literal(1),
  seed: z.string(),
  /** The chain that the run belongs to. */
  genesisHash: z.string(),
  startedAt: z.iso.datetime(),
  /** Unix time, in seconds. Part of what is signed, so it must not change when a run is resumed. */
  deadline: z.string().regex(/^[1-9][0-9]*$/),
  /** Private keys of the firms with self-custody, by the organisation's id. */
  firmKeys: z.record(z.string(), z.string()),
  /** API keys, by what they are for ("registrar-1", "firm:<id>", …). */
  apiKeys: z.record(z.string(), z.string()),
  /** What was refused, for the summary of later starts. */
  refusals: z.array(z.strictObject({ step: z.string(), what: z.string(), code: z.string(), detail: z.string() })),
  completed: z.boolean(),
});

export type PilotState = z.infer<typeof stateSchema>;

/** The keys file is of another chain or another scenario, or cannot be read. */
export class PilotStateError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PilotStateError";
  }
}

const LIFE_OF_INTENTS_SECONDS = 365 * 24 * 3600;

/** The state of the run that `file` remembers, or a new one. Throws `PilotStateError` when the file belongs to another run. */
export async function openState(
  file: string,
  seed: string,
  genesisHash: string,
  now = new Date(),
): Promise<PilotState> {
  const text = await readIfThere(file);
  if (text === undefined) return newState(seed, genesisHash, now);

  const state = parseState(file, text);
  if (state.genesisHash !== genesisHash) {
    throw new PilotStateError(
      `${file} holds the pilot's keys for another chain (genesis ${state.genesisHash}, here ${genesisHash}). ` +
        "Start with the data directory of that chain, or move the file away to begin anew.",
    );
  }
  if (state.seed !== seed) {
    throw new PilotStateError(`${file} belongs to the scenario "${state.seed}", not to "${seed}".`);
  }
  return state;
}

/** Writes the state so that after a crash the file holds the old or the new, whole. Only its owner can read it. */
export async function saveState(file: string, state: PilotState): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.new`;
  const handle = await open(temporary, "w", 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(state, null, 2)}\n`, "utf8");
    await handle.sync();
  } finally {
    await handle.close();
  }
  // The mode given to `open` counts only for a file that it makes.
  await chmod(temporary, 0o600);
  await rename(temporary, file);
}

function newState(seed: string, genesisHash: string, now: Date): PilotState {
  return {
    formatVersion: 1,
    seed,
    genesisHash,
    startedAt: now.toISOString(),
    deadline: String(Math.floor(now.getTime() / 1000) + LIFE_OF_INTENTS_SECONDS),
    firmKeys: {},
    apiKeys: {},
    refusals: [],
    completed: false,
  };
}

function parseState(file: string, text: string): PilotState {
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new PilotStateError(`${file} does not hold the pilot's keys in a form that can be read.`, { cause });
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
