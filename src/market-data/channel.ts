import { Problem } from "../errors.js";

/** An event of a channel: with its number as `sequence`. */
export interface ChannelEvent {
  readonly id: string;
  readonly event: string;
  readonly data: { readonly sequence: number };
}

/**
 * Numbered events in a row, the latest of them kept for readers that come back. Numbers have no gaps; the first one is the time of the
 * start in microseconds, so that those of a later run of the service are higher, and nobody goes on in the middle of another run.
 */
export interface Channel {
  /** Number of the latest event. */
  sequence(): number;
  publish(event: string, data: object): void;
  /**
   * What came after an event.
   * @throws Problem `stream-too-old` when not all of it is kept, or there is no such event
   */
  after(sequence: number): readonly ChannelEvent[];
  subscribe(listener: (event: ChannelEvent) => void): () => void;
}

/** @param now Unix time of the start in milliseconds. @param kept How many events are kept. */
export function createChannel(now: number, kept: number): Channel {
  const listeners = new Set<(event: ChannelEvent) => void>();
  /** Event `n` stands at `n % kept`. */
  const ring: ChannelEvent[] = [];
  const first = now * 1_000;
  let latest = first;

  return {
    sequence: () => latest,

    publish(event, data) {
      latest++;
      const made = { id: String(latest), event, data: { sequence: latest, ...data } };
      ring[latest % kept] = made;
      for (const listener of listeners) listener(made);
    },

    after(sequence) {
      const oldest = Math.max(first, latest - kept);
      if (sequence < oldest || sequence > latest) {
        throw new Problem(
          "stream-too-old",
          `The stream goes from ${oldest} to ${latest}: it cannot go on after ${sequence}.`,
        );
      }
      const events: ChannelEvent[] = [];
      for (let number = sequence + 1; number <= latest; number++) {
        const event = ring[number % kept];
        if (event !== undefined) events.push(event);
      }
      return events;
    },

    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
