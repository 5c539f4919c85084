import type { OperationStatus } from "../db/inbox-tables.js";
import { toView, type OperationRow, type OperationView } from "../operations/service.js";
import type { Principal } from "../principal.js";

/** What is told of an operation: that it came into a state. */
export const EVENT_TYPES = [
  "operation.accepted",
  "operation.sent",
  "operation.final",
  "operation.rejected",
] as const satisfies readonly `operation.${OperationStatus}`[];
export type EventType = (typeof EVENT_TYPES)[number];

/** An operation came into a state. */
export interface OperationEvent {
  /** Grows from event to event, without gaps over all operations. */
  readonly sequence: number;
  readonly type: EventType;
  /** When it was written down, ISO 8601. */
  readonly at: string;
  /** As it was then: what came of it is only in its last event. */
  readonly operation: OperationView;
  /** Whose operation it is; both sides of a trade. */
  readonly participants: readonly number[];
}

/** Which events somebody wants. */
export interface EventFilter {
  /** Left out: all. */
  readonly types?: readonly string[] | undefined;
  /** Kinds of operations. Left out: all. */
  readonly kinds?: readonly string[] | undefined;
  readonly participantId?: number | undefined;
  readonly role?: string | undefined;
}

export function isWanted(event: OperationEvent, { types, kinds, participantId, role }: EventFilter): boolean {
  if (types !== undefined && !types.includes(event.type)) return false;
  if (kinds !== undefined && !kinds.includes(event.operation.kind)) return false;
  if (role !== undefined && event.operation.role !== role) return false;
  return participantId === undefined || event.participants.includes(participantId);
}

/** Whose events a webhook tells. */
export interface EventOwner {
  readonly participantId: number | null;
  readonly role: string | null;
}

/** The owner that a key stands for; undefined: none, as for an auditor's. */
export function ownerOf(principal: Principal): EventOwner | undefined {
  if (principal.kind === "anonymous") return undefined;
  const { scope, participantId, role } = principal;
  if (scope === "participant" && participantId !== null) return { participantId, role: null };
  if (scope === "role" && role !== null) return { participantId: null, role };
  return undefined;
}

/** A line of the log with one of its operations. */
export interface LoggedRow extends OperationRow {
  readonly sequence: bigint;
  readonly at: Date;
  readonly came: OperationStatus;
  readonly sent_in: string | null;
  readonly buyer: number | null;
  readonly seller: number | null;
}

/** The operation may have gone on since: it is told as it was, so that the same event is always told in the same words. */
export function toEvent(row: LoggedRow): OperationEvent {
  const { sequence, came, sent_in: sentIn, at, buyer, seller } = row;
  const isEnd = came === "final" || came === "rejected";
  const then = isEnd ? row : { ...row, block_number: null, result: null, problem: null };
  return {
    sequence: Number(sequence),
    type: `operation.${came}`,
    at: at.toISOString(),
    operation: toView({ ...then, status: came, tx_hash: sentIn, updated_at: at }),
    participants: [...new Set([row.participant_id, buyer, seller])].filter((id) => id !== null),
  };
}
