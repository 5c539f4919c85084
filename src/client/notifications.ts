import { followStream, withGaps, type StreamEvent, type StreamOptions } from "./event-stream.js";
import type { TransportOptions } from "./transport.js";
import type { DateTime, Operation } from "./types.js";

/** What can happen to an operation. The last two are its end. */
export type OperationEventType = "operation.accepted" | "operation.sent" | "operation.final" | "operation.rejected";

/** The operation, as it was then. */
export type OperationEvent = StreamEvent<
  OperationEventType,
  { readonly sequence: number; readonly at: DateTime; readonly operation: Operation }
>;

/** The beginning of a stream, and of each that replaces it. Not complete: events were missed; read your operations again. */
export type NotificationsReady = StreamEvent<"ready", { readonly sequence: number; readonly isComplete: boolean }>;

export type Notification = OperationEvent | NotificationsReady;

export interface NotificationOptions extends StreamOptions {
  /** Only these. Default: all. */
  readonly types?: readonly OperationEventType[];
  /** Only of these kinds of operations, as `transfer` or `issuance.approve`. */
  readonly kinds?: readonly string[];
  readonly participantId?: number;
}

/**
 * What happens to operations, live: a participant's key hears of its own, others of all. Begins with `ready`. Keep the `sequence` of the
 * last event that you dealt with: `from` it, a later stream misses nothing, as long as the events are kept.
 */
export function notificationCalls(options: TransportOptions) {
  return {
    notifications: {
      stream: ({ types, kinds, participantId, ...stream }: NotificationOptions = {}) =>
        followStream<Notification>(
          options,
          "/v1/notifications",
          { types: types?.join(","), kinds: kinds?.join(","), participantId },
          stream,
          withGaps,
        ),
    },
  };
}
