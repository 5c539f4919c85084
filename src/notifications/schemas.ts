import { z } from "zod";

import { operationSchema } from "../http/act.js";
import { dateTime, idInput } from "../http/primitives.js";
import { EVENT_TYPES } from "./events.js";

export const NOTIFICATIONS_TAG = "Notifications";

export const sequence = z
  .int()
  .nonnegative()
  .describe("Grows from event to event; numbers of events of others are left out.");
const kindPattern = /^[a-z][a-z0-9.-]{0,63}$/;
export const kind = z.string().regex(kindPattern, "must be the kind of an operation, as transfer or issuance.approve");

const separated = z
  .string()
  .max(2_000)
  .transform((text) => text.split(","));

export const notificationQuery = z.strictObject({
  from: z
    .string()
    .regex(/^(0|[1-9]\d{0,15})$/, "must be a sequence number")
    .optional()
    .describe("Go on after this event. `Last-Event-ID`, which browsers send when they come back, says the same."),
  gap: z
    .enum(["refuse", "snapshot"])
    .optional()
    .describe(
      "What to do when events after `from` are not kept any more: refuse (`stream-too-old`), or go on with what is new; then `ready` says " +
        "that events were missed.",
    ),
  types: separated
    .pipe(z.array(z.enum(EVENT_TYPES)))
    .optional()
    .describe("Only these events, separated by commas."),
  kinds: separated.pipe(z.array(kind)).optional().describe("Only of these kinds of operations, separated by commas."),
  participantId: idInput.optional().describe("Only of this participant."),
});

const operationEvent = z
  .strictObject({ sequence, at: dateTime, operation: operationSchema })
  .meta({ id: "OperationEvent" });

export const notificationEvents = {
  ready: z
    .strictObject({
      sequence,
      isComplete: z.boolean().describe("False: events were missed; read your operations again."),
    })
    .meta({ id: "NotificationsReady" }),
  "operation.accepted": operationEvent,
  "operation.sent": operationEvent,
  "operation.final": operationEvent,
  "operation.rejected": operationEvent,
} satisfies Record<(typeof EVENT_TYPES)[number] | "ready", z.ZodType>;
