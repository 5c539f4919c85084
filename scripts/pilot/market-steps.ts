import { ApiProblem } from "../../src/client/problem.js";
import type { Operation } from "../../src/client/types.js";
import type { Act, ActOf } from "./scenario.js";
import {
  actor,
  intentOptions,
  nonceOf,
  resultOf,
  settled,
  writeOptions,
  type Actor,
  type Offices,
  type Stage,
  type Step,
} from "./stage.js";

/** Conflict with the state of things, and content that the rules forbid. */
const REFUSAL_STATUS: ReadonlySet<number> = new Set([409, 422]);

/** The acts of the firms, in the scenario's order, and what the officers do about them. */
export function marketSteps(stage: Stage, offices: Offices): Step[] {
  return stage.scenario.acts.map((act) => ({ name: act.step, run: () => play(stage, offices, act) }));
}

function play(stage: Stage, offices: Offices, act: Act): Promise<string> {
  switch (act.kind) {
    case "authorisation":
      return authorise(stage, offices, act);
    case "transfer":
      return transfer(stage, act);
    case "retirement":
      return retire(stage, act);
    case "cancellation":
      return cancel(stage, act);
    case "suspension":
      return suspend(stage, offices, act);
    case "refused-transfer":
      return transferThatIsRefused(stage, act);
    case "revoked-transfer":
      return transferThatWasRevoked(stage, act);
  }
}

async function authorise(stage: Stage, offices: Offices, act: ActOf<"authorisation">): Promise<string> {
  const registrar = offices.registrars[0];
  const { step, batch, authorisations, firstTransfer } = act;
  const document = { name: `Letter of authorisation for ${batch} (invented for the pilot)` };
  await settled(
    registrar,
    registrar.batches.authorise(batch, { authorisations, firstTransfer, document }, writeOptions(stage, step)),
  );
  return `Authorised ${batch} for ${authorisations.join(", ")}`;
}

async function transfer(stage: Stage, act: ActOf<"transfer">): Promise<string> {
  const from = actor(stage, act.account);
  const to = actor(stage, act.to);
  await settled(from.client, sendTransfer(stage, from, to, act));
  return `${from.organisation.name} → ${to.organisation.name}: ${unitsOf(act)}`;
}

/** With its own key the firm signs; otherwise the service does, for the firm's API key. */
function sendTransfer(
  stage: Stage,
  from: Actor,
  to: Actor,
  act: ActOf<"transfer"> | ActOf<"refused-transfer">,
): Promise<Operation> {
  const input = { to: to.account, ...unitsInput(from, act) };
  return from.firm === null
    ? from.client.transfers.create(input, writeOptions(stage, act.step))
    : from.firm.transfer(input, intentOptions(stage, act.step));
}

async function retire(stage: Stage, act: ActOf<"retirement">): Promise<string> {
  const holder = actor(stage, act.account);
  const input = {
    ...unitsInput(holder, act),
    purpose: act.purpose,
    beneficiary: act.beneficiary,
    beneficiaryId: act.beneficiaryId,
    beneficiaryCommitment: act.beneficiaryCommitment ?? null,
    reason: act.reason,
    consumptionCountry: act.consumptionCountry,
    consumptionPeriodStart: act.consumptionPeriodStart,
    consumptionPeriodEnd: act.consumptionPeriodEnd,
  };
  const operation = await settled(
    holder.client,
    holder.firm === null
      ? holder.client.retirements.create(input, writeOptions(stage, act.step))
      : holder.firm.retire(input, intentOptions(stage, act.step)),
  );
  const beneficiary = act.beneficiary === "" ? "a person (commitment only)" : act.beneficiary;
  return `Retirement ${resultOf(operation, "retirementId")}: ${unitsOf(act)}, ${act.purpose}, for ${beneficiary}`;
}

async function cancel(stage: Stage, act: ActOf<"cancellation">): Promise<string> {
  const holder = actor(stage, act.account);
  const input = { ...unitsInput(holder, act), reason: act.reason, details: act.details };
  const operation = await settled(
    holder.client,
    holder.firm === null
      ? holder.client.cancellations.create(input, writeOptions(stage, act.step))
      : holder.firm.cancel(input, intentOptions(stage, act.step)),
  );
  return `Cancellation ${resultOf(operation, "cancellationId")}: ${unitsOf(act)}, ${act.reason}`;
}

async function suspend(stage: Stage, offices: Offices, act: ActOf<"suspension">): Promise<string> {
  const officer = offices.complianceOfficer;
  const { participantId, organisation } = actor(stage, act.organisation);
  await settled(officer, officer.participants.suspend(participantId, act.reason, writeOptions(stage, act.step)));
  return `Suspended ${organisation.name}`;
}

async function transferThatIsRefused(stage: Stage, act: ActOf<"refused-transfer">): Promise<string> {
  const from = actor(stage, act.account);
  const to = actor(stage, act.to);
  const problem = await refusalOf(act.step, () => settled(from.client, sendTransfer(stage, from, to, act)));
  const what = `${from.organisation.name}: transfer of ${unitsOf(act)}`;
  stage.refusals.push({ step: act.step, what, code: problem.code, detail: act.why });
  return `Refused (${problem.code}): ${what}`;
}

/** The firm signs, makes the nonce void before the intent is delivered, and then whoever holds the intent can do nothing with it. */
async function transferThatWasRevoked(stage: Stage, act: ActOf<"revoked-transfer">): Promise<string> {
  const from = actor(stage, act.account);
  const { firm } = from;
  if (firm === null) throw new Error(`${act.step}: only a firm with its own key can show a revoked intent`);
  const input = { to: actor(stage, act.to).account, ...unitsInput(from, act) };
  const { intent, signature } = await firm.sign.transfer(input, intentOptions(stage, act.step));

  const revocation = firm.revoke(
    { revokedNonce: nonceOf(stage, act.step) },
    intentOptions(stage, `${act.step}:revocation`),
  );
  await settled(from.client, revocation);
  const problem = await refusalOf(act.step, () =>
    settled(from.client, stage.open.transfers.create({ intent, signature }, writeOptions(stage, act.step))),
  );

  const what = `${from.organisation.name}: a revoked intent to transfer ${unitsOf(act)}`;
  stage.refusals.push({ step: act.step, what, code: problem.code, detail: act.why });
  return `Refused (${problem.code}): ${what}`;
}

/** The problem of an act that must not succeed. That we asked wrongly, or that nobody could answer, is no refusal. */
async function refusalOf(step: string, send: () => Promise<Operation>): Promise<ApiProblem> {
  let operation: Operation;
  try {
    operation = await send();
  } catch (error) {
    if (error instanceof ApiProblem && REFUSAL_STATUS.has(error.status) && error.code !== "validation-failed")
      return error;
    throw error;
  }
  throw new Error(`${step} should have been refused, but operation ${operation.id} is ${operation.status}`);
}

type UnitsAct = Extract<Act, { readonly tonnes: string }>;

function unitsInput(holder: Actor, act: UnitsAct) {
  const { batch, tonnes, blocks } = act;
  return { account: holder.account, batch, tonnes, ...(blocks === undefined ? {} : { blocks }) };
}

function unitsOf(act: UnitsAct): string {
  const named = act.blocks?.map(({ start, end }) => `${start}–${end}`).join(", ");
  return `${act.tonnes} t of ${act.batch}${named === undefined ? "" : ` (serials ${named})`}`;
}
