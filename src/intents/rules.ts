import type { IntentKind, SerialBlockJson } from "../chain/event-types.js";
import type { IntentJsonByKind } from "../chain/intent-json.js";
import { Problem } from "../errors.js";
import type { Facts, Standing, StateFacts } from "./facts.js";

/** The twins of the contracts' limits. */
const MAX_BLOCKS = 64;
const MAX_SERIAL = 2n ** 40n - 1n;
/** From this vintage on, CORSIA needs an authorisation (`Registry.sol`). */
const CORSIA_AUTHORISATION_VINTAGE = 2021;
/** `Authorisations.IMP`. */
const IMP = 2;

/** The furthest deadline, in seconds from now: an intent that is forgotten must not be executed years later. */
export const MAX_LIFE_SECONDS = 366n * 86_400n;

/** An intent in JSON with its kind: narrow on `kind`. */
export type KindedIntentJson = { [K in IntentKind]: { kind: K; json: IntentJsonByKind[K] } }[IntentKind];

/** The part of an intent that says which units. */
export interface UnitsPart {
  readonly account: string;
  readonly batch: string;
  readonly tonnes: string;
  readonly blocks: readonly SerialBlockJson[];
}

/** Which units the intent moves or takes out; null when it does neither. */
export function unitsOf({ kind, json }: KindedIntentJson): UnitsPart | null {
  return kind === "transfer" || kind === "retirement" || kind === "cancellation" ? json : null;
}

/** Who receives; null when nobody does. */
export function receiverOf({ kind, json }: KindedIntentJson): string | null {
  return kind === "transfer" || kind === "cash-transfer" ? json.to : null;
}

/** What only takes something back that was signed: the contracts ask for nothing but the signature. */
const TAKES_BACK: ReadonlySet<IntentKind> = new Set(["revocation", "order-cancellation", "mass-cancellation"]);

/**
 * What can be said about amount and blocks without knowing who holds what; the words are those of `Units.sol`.
 * @throws Problem `units-amount-zero`, `units-block-invalid`, `units-too-many-blocks`, `units-tonnes-mismatch`, `units-block-not-held`
 */
export function checkUnits({ account, batch, tonnes, blocks }: UnitsPart): void {
  if (tonnes === "0") throw new Problem("units-amount-zero", undefined, { evidence: { batchId: batch } });
  if (blocks.length === 0) return;

  let named = 0n;
  const ranges = blocks.map(({ start, end }) => ({ start: BigInt(start), end: BigInt(end) }));
  for (const [place, { start, end }] of ranges.entries()) {
    if (start === 0n || end < start || end > MAX_SERIAL) {
      const evidence = { start: start.toString(), end: end.toString() };
      throw new Problem("units-block-invalid", `The block ${start} to ${end} is malformed.`, { evidence });
    }
    if (place === MAX_BLOCKS) {
      const evidence = { blocks: String(blocks.length), limit: String(MAX_BLOCKS), movableTonnes: named.toString() };
      throw new Problem("units-too-many-blocks", undefined, { evidence });
    }
    named += end - start + 1n;
  }
  if (named !== BigInt(tonnes)) {
    const detail = `The blocks have ${named} serials, the amount is ${tonnes}.`;
    throw new Problem("units-tonnes-mismatch", detail, { evidence: { tonnes, blockTonnes: named.toString() } });
  }
  const sorted = ranges.toSorted((a, b) => (a.start < b.start ? -1 : 1));
  for (const [place, { start, end }] of sorted.entries()) {
    const before = sorted[place - 1];
    if (before !== undefined && start <= before.end) {
      const evidence = { account, batchId: batch, start: start.toString(), end: end.toString() };
      throw new Problem("units-block-not-held", `Serial ${start} is named twice.`, { evidence });
    }
  }
}

/** @param now Unix time, in seconds. */
export function isTimely(deadline: string, now: bigint): boolean {
  const seconds = BigInt(deadline);
  return seconds >= now && seconds <= now + MAX_LIFE_SECONDS;
}

/**
 * @param now Unix time, in seconds.
 * @throws Problem `intent-expired`, `validation-failed` when the deadline is too far away
 */
export function checkDeadline(deadline: string, now: bigint): void {
  const seconds = BigInt(deadline);
  if (seconds < now) {
    const evidence = { deadline, now: now.toString() };
    throw new Problem("intent-expired", `The deadline passed ${now - seconds} seconds ago.`, { evidence });
  }
  if (seconds > now + MAX_LIFE_SECONDS) {
    const message = `must be at most ${MAX_LIFE_SECONDS} seconds from now`;
    const errors = [{ path: "/body/intent/deadline", message }];
    throw new Problem("validation-failed", `/body/intent/deadline: ${message}`, { errors });
  }
}

/** Why the nonce cannot be used. It stays so: nothing makes a nonce unused again. */
export function refusalOfNonce(intent: KindedIntentJson, hash: string, facts: Facts): Problem | undefined {
  const { account, nonce } = intent.json;
  const evidence = { account, nonce };
  if (facts.executedIntent !== null && facts.executedIntent !== hash) {
    return new Problem("intent-replayed", undefined, { evidence: { ...evidence, usedBy: facts.executedIntent } });
  }
  if (facts.executedIntent !== null || facts.isNonceRevoked)
    return new Problem("intents-nonce-used", undefined, { evidence });
  if (intent.kind === "revocation" && (facts.isRevokedNonceUsed || nonce === intent.json.revokedNonce)) {
    return new Problem("intents-nonce-used", undefined, { evidence: { account, nonce: intent.json.revokedNonce } });
  }
  return undefined;
}

/**
 * Why the contracts would refuse the intent now, as far as the facts tell. It may pass, with what is still under way.
 * @param now Unix time, in seconds.
 * @param exchange Address of the exchange, which may receive as an active account may: that is a deposit.
 */
export function refusalOfState(
  intent: KindedIntentJson,
  facts: StateFacts,
  now: bigint,
  exchange: string,
): Problem | undefined {
  const { account } = intent.json;
  if (TAKES_BACK.has(intent.kind)) {
    // Who is suspended may still take back what was signed.
    return facts.holder === null ? accountUnknown("account", account) : undefined;
  }
  const to = receiverOf(intent);
  return (
    refusalOfStanding("account", account, facts.holder, now) ??
    (to === null || to === exchange ? undefined : refusalOfStanding("to", to, facts.receiver, now)) ??
    refusalOfUnits(intent, facts)
  );
}

function accountUnknown(role: "account" | "to", address: string): Problem {
  const what = role === "account" ? "the holder" : "the receiver";
  return new Problem("account-unknown", `${address}, ${what}, is no active account of a participant.`, {
    evidence: { [role]: address },
  });
}

function refusalOfStanding(
  role: "account" | "to",
  address: string,
  standing: Standing | null,
  now: bigint,
): Problem | undefined {
  if (standing === null || standing.accountStatus !== "active") return accountUnknown(role, address);
  const { participantId, participantStatus, kycExpiresAt } = standing;
  const isExpired = now > kycExpiresAt;
  if (participantStatus === "active" && !isExpired) return undefined;
  const side = role === "account" ? "holder" : "receiver";
  const why = participantStatus === "active" ? "has no due diligence in force" : `is ${participantStatus}`;
  return new Problem("participant-suspended", `Participant ${participantId}, the ${side}, ${why}.`, {
    evidence: { [role]: address, participantId, status: participantStatus },
  });
}

function refusalOfUnits(intent: KindedIntentJson, facts: StateFacts): Problem | undefined {
  const units = unitsOf(intent);
  if (units === null) return undefined;
  const { batch, heldTonnes, frozenTonnes } = facts;
  const batchId = units.batch;
  if (batch === null)
    return new Problem("registry-batch-unknown", `There is no batch ${batchId}.`, { evidence: { batchId } });
  if (intent.kind === "retirement" && intent.json.purpose === "corsia" && !isCorsiaEligible(batch)) {
    return new Problem("retirements-not-corsia-eligible", undefined, { evidence: { batchId } });
  }
  if (facts.isEverythingPaused) return new Problem("units-paused");
  if (batch.paused) return new Problem("units-batch-paused", undefined, { evidence: { batchId } });

  const tonnes = BigInt(units.tonnes);
  const { account } = units;
  if (tonnes > heldTonnes) {
    const detail = `${account} holds ${heldTonnes} t of ${batchId}, the amount is ${tonnes} t.`;
    return new Problem("units-insufficient-balance", detail, {
      evidence: { account, batchId, balance: heldTonnes.toString(), tonnes: units.tonnes },
    });
  }
  const free = heldTonnes > frozenTonnes ? heldTonnes - frozenTonnes : 0n;
  if (tonnes <= free) return undefined;
  return new Problem("erc7943-insufficient-unfrozen-balance", `${free} t are free, the amount is ${tonnes} t.`, {
    evidence: { account, tokenId: batchId, amount: units.tonnes, unfrozen: free.toString() },
  });
}

function isCorsiaEligible({ vintage, authorisations }: { vintage: number; authorisations: number }): boolean {
  return vintage < CORSIA_AUTHORISATION_VINTAGE || (authorisations & IMP) !== 0;
}
