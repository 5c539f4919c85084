import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";

import { defineStream, lastEventId, type StreamSettings, type StreamSink } from "../../../src/http/stream.js";
import { serveRoutes, type TestServer } from "../../support/http.js";
import { readStream } from "../../support/event-stream.js";

const word = z.strictObject({ word: z.string() });

interface Stage extends TestServer {
  readonly sinks: StreamSink[];
  readonly stopped: number[];
}

let open: Stage | undefined;
afterEach(() => open?.close());

async function stage(streams: StreamSettings = {}): Promise<Stage> {
  const sinks: StreamSink[] = [];
  const stopped: number[] = [];
  const route = defineStream({
    path: "/words",
    summary: "Words",
    tag: "Service",
    access: "public",
    events: { word },
    async open({ headers }) {
      const seen = lastEventId(headers);
      return (sink) => {
        const number = sinks.push(sink);
        if (seen !== undefined) sink.send({ event: "word", data: { word: `after ${seen}` } });
        return () => void stopped.push(number);
      };
    },
  });
  const server = await serveRoutes([route], { streams });
  open = { ...server, sinks, stopped };
  return open;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("a stream", () => {
  it("should send what it is given, with its number", async () => {
    const { url, sinks } = await stage();
    const reader = await readStream(`${url}/v1/words`);
    expect(reader.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    sinks[0]?.send({ id: "7", event: "word", data: { word: "hello\nworld" } });
    sinks[0]?.send({ event: "word", data: { word: "bye" } });
    expect(await reader.next()).toEqual({ id: "7", event: "word", data: { word: "hello\nworld" } });
    expect(await reader.next()).toEqual({ id: null, event: "word", data: { word: "bye" } });
    reader.close();
  });

  it("should tell its source once that the reader has gone", async () => {
    const { url, stopped } = await stage();
    const reader = await readStream(`${url}/v1/words`);
    reader.close();
    await until(() => stopped.length > 0);
    expect(stopped).toEqual([1]);
  });

  it("should show that it lives", async () => {
    const { url } = await stage({ heartbeatMs: 10 });
    const reader = await readStream(`${url}/v1/words`);
    await until(() => reader.comments() > 2);
    reader.close();
  });

  it("should say so when the service stops", async () => {
    const { url, shutdown, stopped } = await stage();
    const reader = await readStream(`${url}/v1/words`);
    shutdown.abort();
    expect(await reader.next()).toEqual({ id: null, event: "end", data: { reason: "shutting-down" } });
    expect(await reader.next()).toBeUndefined();
    expect(stopped).toEqual([1]);
  });

  it("should hand on what a reader saw last, and refuse what is no number", async () => {
    const { url, get } = await stage();
    const reader = await readStream(`${url}/v1/words`, { "last-event-id": "41" });
    expect((await reader.next())?.data).toEqual({ word: "after 41" });
    reader.close();
    const refused = await get("/v1/words", { "last-event-id": "x" });
    expect([refused.status, refused.body.code]).toEqual([400, "header-invalid"]);
  });

  it("should answer a HEAD without beginning", async () => {
    const { send, sinks } = await stage();
    const answer = await send("/v1/words", { method: "HEAD" });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
    expect(sinks).toHaveLength(0);
  });

  it("should keep to its limit, and make room when a reader goes", async () => {
    const { url, get, stopped } = await stage({ maxStreams: 2 });
    const readers = [await readStream(`${url}/v1/words`), await readStream(`${url}/v1/words`)];
    const refused = await get("/v1/words");
    expect([refused.status, refused.body.code]).toEqual([429, "too-many-streams"]);
    expect(refused.headers.get("retry-after")).toBe("5");
    readers[0]?.close();
    await until(() => stopped.length === 1);
    readers.push(await readStream(`${url}/v1/words`));
    for (const reader of readers) reader.close();
  });

  it("should cut off a reader that does not read, and tell it why", async () => {
    const { url, sinks, stopped } = await stage({ maxWaitingBytes: 50_000 });
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.pause();
    socket.write("GET /v1/words HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await until(() => sinks.length === 1);
    // More than the buffers of two sockets take.
    for (let i = 0; i < 10_000 && stopped.length === 0; i++) {
      sinks[0]?.send({ event: "word", data: { word: "x".repeat(300_000) } });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(stopped).toEqual([1]);
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString()));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume();
    await closed;
    expect(text).toContain('event: end\ndata: {"reason":"slow-reader"}');
  });

  it("should stand in the reference with its events", async () => {
    const { get } = await stage();
    const { body } = await get("/openapi.json");
    const answer = body.paths["/v1/words"].get.responses["200"];
    expect(Object.keys(answer.content["text/event-stream"]["x-events"])).toEqual(["word", "end"]);
    expect(body.paths["/v1/words"].get.responses["429"].description).toContain("too-many-streams");
  });
});
