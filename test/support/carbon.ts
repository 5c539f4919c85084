import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Surroundings } from "../../src/cli/io.js";
import { runCli } from "../../src/cli/run.js";

export interface CarbonRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The answer of a command that was given `--json`. Tests look into it as they like. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any;
}

export interface CarbonOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What the person answers when asked for a secret, in order. */
  readonly secrets?: readonly string[];
  readonly input?: string;
  readonly isTTY?: boolean;
  readonly signal?: AbortSignal;
}

/** A person with a home directory of its own, who gives command lines. `close` takes the home away. */
export function startCarbon(env: Readonly<Record<string, string>> = {}) {
  const home = mkdtempSync(join(tmpdir(), "carbon-home-"));
  const asked: string[] = [];

  async function carbon(args: readonly string[], options: CarbonOptions = {}): Promise<CarbonRun> {
    const [out, err]: [string[], string[]] = [[], []];
    const secrets = [...(options.secrets ?? [])];
    const { isTTY, input, signal } = options;
    const surroundings: Surroundings = {
      env: { CARBON_HOME: home, LANG: "C", CARBON_TIME_ZONE: "UTC", ...env, ...options.env },
      stdout: { write: (text) => out.push(text), ...(isTTY === undefined ? {} : { isTTY }) },
      stderr: { write: (text) => err.push(text) },
      scryptN: 2,
      ...(options.secrets === undefined
        ? {}
        : {
            askSecret: async (question: string) => {
              asked.push(question);
              return secrets.shift() ?? "";
            },
          }),
      ...(input === undefined ? {} : { readInput: async () => input }),
      ...(signal === undefined ? {} : { interrupted: () => signal }),
    };
    const code = await runCli(args, surroundings);
    const text = out.join("");
    return { code, out: text, err: err.join(""), json: parsed(text) };
  }

  return { home, asked, carbon, close: () => rmSync(home, { recursive: true, force: true }) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
