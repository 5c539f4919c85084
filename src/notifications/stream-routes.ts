import { Problem } from "../errors.js";
import type { Route } from "../http/route.js";
import { defineStream, lastEventId, type StreamEvent, type StreamSink } from "../http/stream.js";
import { toInteger } from "../integers.js";
import { visibleParticipant } from "../principal.js";
import { isWanted, type EventFilter, type OperationEvent } from "./events.js";
import type { EventFeed, Following } from "./feed.js";
import { notificationEvents, notificationQuery, NOTIFICATIONS_TAG } from "./schemas.js";

/** The stream of what happens to operations. */
export function notificationRoute(feed: EventFeed): Route {
  return defineStream({
    path: "/notifications",
    summary: "What happens to operations, live",
    description:
      "Begins with `ready`. Each further event says that an operation was accepted, sent to the chain, has become final, or was rejected, " +
      "with the operation as it was then. A participant's key hears of its own operations and of trades that it is a side of; others hear of all. " +
      "A reader that comes back names the last event that it saw (`Last-Event-ID`, or `from`), and misses nothing: events are kept for " +
      "days, whatever restarts meanwhile.",
    tag: NOTIFICATIONS_TAG,
    access: "key",
    query: notificationQuery,
    events: notificationEvents,
    problems: ["forbidden", "stream-too-old"],
    async open({ query, headers, principal }) {
      const { from, gap, types, kinds } = query;
      const filter = { types, kinds, participantId: visibleParticipant(principal, query.participantId) };
      // Who comes back by itself repeats the query of the first time: the header is younger.
      const text = lastEventId(headers) ?? from;
      const asked = text === undefined ? undefined : toInteger(text);
      const following = await resume(feed, asked, gap === "snapshot");
      const isComplete = asked === undefined || following.sequence === asked;
      return (sink) => send(sink, following, filter, isComplete);
    },
  });
}

/** @throws Problem `stream-too-old` unless the reader takes what is left */
async function resume(feed: EventFeed, asked: number | undefined, takesGap: boolean): Promise<Following> {
  try {
    return await feed.follow(asked);
  } catch (error) {
    if (takesGap && error instanceof Problem && error.code === "stream-too-old") return feed.follow(undefined);
    throw error;
  }
}

function send(sink: StreamSink, following: Following, filter: EventFilter, isComplete: boolean): () => void {
  const gone = new AbortController();
  const { sequence } = following;
  sink.send({ id: String(sequence), event: "ready", data: { sequence, isComplete } });
  following.listen(
    {
      async tell(events) {
        for (const event of events) if (isWanted(event, filter)) sink.send(frameOf(event));
        await sink.drained();
      },
      failed: () => sink.end("shutting-down"),
    },
    gone.signal,
  );
  return () => gone.abort();
}

/** One object for all readers of an event, so that its text is made once. */
const frames = new WeakMap<OperationEvent, StreamEvent>();

function frameOf(event: OperationEvent): StreamEvent {
  const known = frames.get(event);
  if (known !== undefined) return known;
  const { sequence, type, at, operation } = event;
  const made = { id: String(sequence), event: type, data: { sequence, at, operation } };
  frames.set(event, made);
  return made;
}
