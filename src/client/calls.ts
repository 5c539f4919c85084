import { sleepUnless } from "./patience.js";
import { ApiProblem, isProblem, OperationPending, problemOf, type ErrorCode } from "./problem.js";
import { newIdempotencyKey } from "./random.js";
import type { ReadOptions, WriteOptions } from "./requests.js";
import type { Call, FileAnswer, Query, Transport } from "./transport.js";
import type { FinalOperation } from "./results.js";
import type { Operation, Page } from "./types.js";

/** The longest that the service holds an answer back (`Prefer: wait`), in seconds. */
export const MAX_WAIT_SECONDS = 60;
const BREATH_MILLISECONDS = 100;

/** The reads of a resource that is a list of things with an identity. */
export interface Collection<Item, Filters extends object> {
  /** One thing. Throws `ApiProblem` with status 404 when there is none. */
  readonly get: (id: string | number, options?: ReadOptions) => Promise<Item>;
  /** One page. */
  readonly list: (filter?: Filters & ReadOptions) => Promise<Page<Item>>;
  /** All pages, one request at a time, as they are needed. */
  readonly all: (filter?: Filters & ReadOptions) => AsyncGenerator<Item, void, undefined>;
}

export function collection<Item, Filters extends object = object>(
  send: Transport,
  path: string,
): Collection<Item, Filters> {
  const list = (filter?: Filters & ReadOptions): Promise<Page<Item>> => read(send, path, filter);
  return {
    get: (id, options) => read(send, `${path}/${segment(id)}`, options),
    list,
    all: (filter) => pages(list, filter),
  };
}

/**
 * All items behind a paged list, one request at a time, as they are needed: `pages(client.participants.list, { status: "active" })`.
 * What is added while it is read may be missing; nothing comes twice.
 * @throws Error when the list gives the same page again
 */
export async function* pages<Item, Filters extends object>(
  list: (filter?: Filters & ReadOptions) => Promise<Page<Item>>,
  filter?: Filters & ReadOptions,
): AsyncGenerator<Item, void, undefined> {
  let cursor = filter?.cursor ?? null;
  for (;;) {
    const page = await list({ ...filter, ...(cursor === null ? {} : { cursor }) } as Filters & ReadOptions);
    yield* page.items;
    if (page.next === null) return;
    if (page.next === cursor) throw new Error("The list does not go on: it named the same page twice");
    cursor = page.next;
  }
}

/** A list that is not a collection: one page, and all pages. */
export function paged<Item, Filters extends object>(list: (filter?: Filters & ReadOptions) => Promise<Page<Item>>) {
  return { list, all: (filter?: Filters & ReadOptions) => pages(list, filter) };
}

export function read<Answer>(send: Transport, path: string, query?: object): Promise<Answer> {
  return send<Answer>(reading(path, query));
}

/** The exact bytes of a file. */
export function readBytes(send: Transport, path: string, query?: object): Promise<FileAnswer> {
  return send.bytes({ ...reading(path, query), headers: { accept: "*/*" } });
}

export function readStream(send: Transport, path: string, query?: object) {
  return send.stream({ ...reading(path, query), headers: { accept: "*/*" } });
}

function reading(path: string, options: object = {}): Call {
  const { signal, ...query } = options as Query & { readonly signal?: AbortSignal };
  return { method: "GET", path, query, repeatable: true, signal };
}

/** Asks for something to be done. The answer is the operation, as far as it has come; a rejection throws `ApiProblem`. */
export function write<Result extends object = Readonly<Record<string, unknown>>>(
  send: Transport,
  path: string,
  body: unknown,
  options?: WriteOptions,
): Promise<Operation<Result>> {
  return change<Result>(send, "POST", path, body, options);
}

export function remove(send: Transport, path: string, options?: WriteOptions): Promise<Operation> {
  return change(send, "DELETE", path, undefined, options);
}

async function change<Result extends object = Readonly<Record<string, unknown>>>(
  send: Transport,
  method: "POST" | "DELETE",
  path: string,
  body: unknown,
  options: WriteOptions = {},
): Promise<Operation<Result>> {
  const operation = await send<Operation<Result>>({
    method,
    path,
    ...(body === undefined ? {} : { body }),
    headers: {
      // One key for all attempts of this call: a repetition is then the same request, not a second one.
      "idempotency-key": options.idempotencyKey ?? newIdempotencyKey(),
      ...waitHeader(options.waitSeconds),
    },
    repeatable: true,
    signal: options.signal,
  });
  return notRejected(operation);
}

/**
 * For what has no idempotency key, and is refused when it is done already: a refusal with one of `codes`, after an earlier try whose
 * answer was lost, is looked into. When `isDone`, that try did it.
 */
export async function orDoneBefore<Answer>(
  act: () => Promise<Answer>,
  codes: readonly ErrorCode[],
  look: () => Promise<Answer>,
  isDone: (state: Answer) => boolean,
): Promise<Answer> {
  try {
    return await act();
  } catch (error) {
    if (!isProblem(error, ...codes) || error.attempts === 1) throw error;
    // Whoever may act may not always look: then the refusal is all that is known.
    const state = await look().catch(() => undefined);
    if (state !== undefined && isDone(state)) return state;
    throw error;
  }
}

/**
 * Waits until the operation is final.
 * @throws ApiProblem when it was rejected, OperationPending when the time is over
 */
export async function settle<Result extends object>(
  send: Transport,
  operation: Operation<Result> | string,
  timeoutSeconds: number,
  signal?: AbortSignal,
): Promise<FinalOperation<Result>> {
  const end = Date.now() + timeoutSeconds * 1000;
  const id = typeof operation === "string" ? operation : operation.id;
  let current = typeof operation === "string" ? undefined : notRejected(operation);
  while (current?.status !== "final") {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left <= 0 && current !== undefined) throw new OperationPending(current, timeoutSeconds);
    current = notRejected(
      await send<Operation<Result>>({
        method: "GET",
        path: `/v1/operations/${segment(id)}`,
        headers: waitHeader(Math.max(0, Math.min(left, MAX_WAIT_SECONDS))),
        repeatable: true,
        signal,
      }),
    );
    // A service that does not hold the answer back must not be asked without a breath between.
    if (current.status !== "final") await sleepUnless(BREATH_MILLISECONDS, signal);
  }
  return current as FinalOperation<Result>;
}

/** The operation, unless it was rejected: then its problem is thrown. */
export function notRejected<Result extends object>(operation: Operation<Result>): Operation<Result> {
  if (operation.status !== "rejected") return operation;
  throw new ApiProblem({ ...(operation.problem ?? problemOf(422, undefined)), operationId: operation.id });
}

/** A value as one segment of a path. */
export function segment(value: string | number | bigint): string {
  return encodeURIComponent(String(value));
}

function waitHeader(waitSeconds: number | undefined): Record<string, string> {
  return waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` };
}
