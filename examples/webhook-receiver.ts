/**
 * A receiver of webhooks. Make a webhook (`POST /v1/webhooks`), then run:
 *
 *   WEBHOOK_SECRET=whsec_… PORT=4000 npx tsx examples/webhook-receiver.ts
 *
 * Three rules make it safe. It believes nothing that is not signed with the secret in the last five minutes, over the very bytes that
 * came. It acts once on each message, because a sender that did not hear the answer sends again. And it answers at once: what takes long
 * is done afterwards.
 */
import express, { type Express } from "express";
import { pathToFileURL } from "node:url";
import { Webhook } from "standardwebhooks";

export interface OperationMessage {
  readonly type: string;
  readonly timestamp: string;
  readonly data: {
    readonly sequence: number;
    readonly operation: { readonly id: string; readonly kind: string; readonly status: string };
  };
}

export interface ReceiverOptions {
  /** `whsec_…`, as the answer to `POST /v1/webhooks` showed it. */
  readonly secret: string;
  /** Called once for each message. */
  readonly onMessage: (message: OperationMessage) => void;
}

/** Messages that are remembered. A real receiver writes their names where it writes what it did, in the same transaction. */
const REMEMBERED = 100_000;

export function createReceiver({ secret, onMessage }: ReceiverOptions): Express {
  const webhook = new Webhook(secret);
  const known = new Set<string>();
  const app = express();

  // The signature is over bytes: JSON that was parsed and written again would not fit it.
  app.post("/webhooks", express.raw({ type: "application/json", limit: "1mb" }), (request, response) => {
    const id = request.get("webhook-id") ?? "";
    let message: OperationMessage;
    try {
      message = webhook.verify(request.body as Buffer, {
        "webhook-id": id,
        "webhook-timestamp": request.get("webhook-timestamp") ?? "",
        "webhook-signature": request.get("webhook-signature") ?? "",
      }) as OperationMessage;
    } catch {
      response.sendStatus(401);
      return;
    }
    // 2xx also for what is known: it says "do not send it again".
    response.sendStatus(204);
    // `webhook.test` tells of nothing; what comes to be told in times to come is not for this program either.
    if (!message.type.startsWith("operation.") || known.has(id)) return;
    known.add(id);
    for (const oldest of known) if (known.size > REMEMBERED) known.delete(oldest);
    onMessage(message);
  });
  return app;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const port = Number(process.env["PORT"] ?? 4000);
  const onMessage = ({ type, data }: OperationMessage): void =>
    console.log(`${type} ${data.operation.kind} ${data.operation.id}`);
  createReceiver({ secret: process.env["WEBHOOK_SECRET"] ?? "", onMessage }).listen(port, () =>
    console.log(`Messages are taken at http://127.0.0.1:${port}/webhooks`),
  );
}
