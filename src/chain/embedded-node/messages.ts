import type { EmbeddedNodeErrorCode } from "./errors.js";

/** What the parent hands the child on its command line, as JSON. */
export interface ChildSettings {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly memoryMb: number;
}

export type ChildMessage =
  | { readonly kind: "progress"; readonly replayed: number; readonly total: number }
  | { readonly kind: "notice"; readonly message: string }
  | { readonly kind: "ready"; readonly port: number; readonly blocks: number }
  | { readonly kind: "failed"; readonly code: EmbeddedNodeErrorCode; readonly message: string };

export interface ParentMessage {
  readonly kind: "stop";
}
