import type { z } from "zod";
import type { ErrorCode } from "../errors.js";
import type { Logger } from "../logger.js";
import type { ApiKeyScope, InstitutionalRole, Principal } from "../principal.js";
import type { Streaming } from "./stream.js";
import type { UploadedFile, UploadLimits } from "./upload.js";

export type Method = "get" | "post" | "delete";

/**
 * Who may call. `public`: anybody, and a key, when sent, must be valid. `key`: any valid key. Otherwise: a key of one of the scopes,
 * or a key of scope `role` in one of the roles.
 */
export type Access =
  "public" | "key" | { readonly scopes?: readonly ApiKeyScope[]; readonly roles?: readonly InstitutionalRole[] };

export interface Answer {
  readonly description: string;
  /** Left out: no body, or one of `contentTypes`. */
  readonly schema?: z.ZodType;
  /** Media types, without parameters, of a body that is no JSON, or whose exact bytes matter: see `Reply.content`. */
  readonly contentTypes?: readonly string[];
}

/** What is written in the API reference about a route; everything in it is also enforced. */
export interface RouteDescription {
  readonly method: Method;
  /** As OpenAPI writes it, below the prefix: `/participants/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly access: Access;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Of a form, with `upload`: its fields. */
  readonly body?: z.ZodType;
  /** The body is a form with a file. */
  readonly upload?: UploadLimits;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Refusals of its own, besides those that every route of its kind may give. */
  readonly problems?: readonly ErrorCode[];
  /** True when it takes `Idempotency-Key` and `Prefer: wait`. */
  readonly isAct?: boolean;
  /** Of a stream: the data of each event, by its name. See `defineStream`. */
  readonly events?: Readonly<Record<string, z.ZodType>>;
}

/** A request as a handler sees it: parsed, and nothing of Express. */
export interface RouteRequest<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The body's JSON before it was parsed by the schema; `null` when there was none. */
  readonly rawBody: unknown;
  /** Of a route with `upload`. The handler discards it. */
  readonly file?: UploadedFile;
  readonly principal: Principal;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Path and query as they came, for links. */
  readonly url: string;
  readonly requestId: string;
  /** Aborted when the caller is gone or the service stops. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export interface Reply {
  readonly status: number;
  /** Sent as JSON; bigints become decimal strings. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of a body. */
  readonly stream?: Streaming;
  /** In place of a body. */
  readonly content?: Content;
}

/** A body that is sent as it is. */
export interface Content {
  /** Media type with its parameters, as `text/csv; charset=utf-8`. */
  readonly type: string;
  /**
   * Pieces are asked for as fast as the reader takes them; when it leaves, their iterator is told so by `return`. Once the first one is
   * there nothing can be refused any more: what fails then cuts the connection.
   */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** What a browser calls the file that it saves. */
  readonly fileName?: string;
}

export interface Route extends RouteDescription {
  handle(request: RouteRequest<never, never, never>): Promise<Reply>;
}

type OutputOf<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/**
 * One operation of the API, declared once: its schemas validate the request and make the OpenAPI document.
 * Give strict objects: unknown fields are refused.
 */
export function defineRoute<
  const Params extends z.ZodObject | undefined = undefined,
  const Query extends z.ZodObject | undefined = undefined,
  const Body extends z.ZodType | undefined = undefined,
>(
  route: Omit<RouteDescription, "params" | "query" | "body"> & {
    readonly params?: Params;
    readonly query?: Query;
    readonly body?: Body;
    handle(request: RouteRequest<OutputOf<Params>, OutputOf<Query>, OutputOf<Body>>): Promise<Reply>;
  },
): Route {
  return route as unknown as Route;
}

export function ok(body: unknown, headers?: Readonly<Record<string, string>>): Reply {
  return { status: 200, body, ...(headers === undefined ? {} : { headers }) };
}
