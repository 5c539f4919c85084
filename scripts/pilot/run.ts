import { createClient } from "../../src/client/client.js";
import { exchangeSteps } from "./exchange-steps.js";
import { marketSteps } from "./market-steps.js";
import { registrySteps } from "./registry-steps.js";
import type { Scenario } from "./scenario.js";
import { clientWithKey, holdersOf, type Offices, type Stage, type Step } from "./stage.js";
import { openState, saveState } from "./state.js";
import type { RoleName } from "../../src/client/types.js";
import { summarise, type PilotSummary } from "./summary.js";

export interface RunOptions {
  readonly baseUrl: string;
  /** An API key with the scope "admin". */
  readonly adminKey: string;
  readonly scenario: Scenario;
  /** Where the run keeps its keys (mode 0600), so that it can be resumed. */
  readonly keysFile: string;
  /** Takes each line of progress. */
  readonly progress: (line: string) => void;
}

/**
 * Plays the scenario over HTTP. May be interrupted anywhere and started again: every step has the same idempotency key or nonce each
 * time, so that what was done is not done again. A run that was completed only gives the summary.
 */
export async function runScenario(options: RunOptions): Promise<PilotSummary> {
  const stage = await prepare(options);
  const offices = await openOffices(stage);
  if (!stage.state.completed) {
    const steps = [...registrySteps(stage, offices), ...marketSteps(stage, offices), ...exchangeSteps(stage, offices)];
    await playAll(steps, options.progress);
    stage.state.refusals = stage.refusals;
    stage.state.completed = true;
    await saveState(stage.keysFile, stage.state);
  }
  return summarise(stage, offices);
}

async function prepare({ baseUrl, adminKey, scenario, keysFile }: RunOptions): Promise<Stage> {
  const open = createClient({ baseUrl });
  const chain = await open.chain.get();
  const state = await openState(keysFile, scenario.seed, chain.genesisHash);
  await saveState(keysFile, state);
  return {
    baseUrl,
    scenario,
    state,
    keysFile,
    chain,
    admin: createClient({ baseUrl, apiKey: adminKey }),
    open,
    actors: new Map(),
    statementIds: new Map(),
    issuanceIds: new Map(),
    refusals: [],
  };
}

async function openOffices(stage: Stage): Promise<Offices> {
  const [firstRegistrar, secondRegistrar] = holdersOf(stage.chain, "registrar", 2);
  const [verifier] = holdersOf(stage.chain, "verifier", 1);
  const [complianceOfficer] = holdersOf(stage.chain, "compliance-officer", 1);
  const [exchangeOperator] = holdersOf(stage.chain, "exchange-operator", 1);
  const [firstBanker, secondBanker] = holdersOf(stage.chain, "settlement-bank", 2);
  const office = (name: string, role: RoleName, account: string | undefined) =>
    clientWithKey(stage, name, {
      scope: "role",
      role,
      ...(account === undefined ? {} : { account }),
      label: `Pilot: ${name}`,
    });
  return {
    registrars: [
      await office("registrar-1", "registrar", firstRegistrar),
      await office("registrar-2", "registrar", secondRegistrar),
    ],
    verifier: await office("verifier", "verifier", verifier),
    complianceOfficer: await office("compliance-officer", "compliance-officer", complianceOfficer),
    exchangeOperator: await office("exchange-operator", "exchange-operator", exchangeOperator),
    settlementBank: [
      await office("settlement-bank-1", "settlement-bank", firstBanker),
      await office("settlement-bank-2", "settlement-bank", secondBanker),
    ],
    auditor: await clientWithKey(stage, "auditor", { scope: "auditor", label: "Pilot: auditor" }),
  };
}

/** One after the other: numbers of participants and retirements are then the same in every run. */
async function playAll(steps: readonly Step[], progress: (line: string) => void): Promise<void> {
  const width = String(steps.length).length;
  for (const [index, step] of steps.entries()) {
    const words = await step.run().catch((cause: unknown) => {
      throw new Error(
        `The pilot stopped at step ${index + 1} of ${steps.length}, "${step.name}": ${messageOf(cause)}`,
        { cause },
      );
    });
    progress(`[${String(index + 1).padStart(width)}/${steps.length}] ${words}`);
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
