import { lastingRow } from "./row.js";

/** Errors of webhooks. */
export const notificationErrors = {
  "webhook-url-refused": lastingRow(
    422,
    "Messages cannot be sent to this URL",
    "Name an https URL on the public internet, without user, password or fragment.",
  ),
  "webhook-disabled": lastingRow(
    409,
    "The webhook is disabled",
    "Read its `reason`, set the receiver right, and enable the webhook; then send again.",
  ),
  "too-many-webhooks": lastingRow(
    409,
    "The owner has as many webhooks as it may have",
    "Delete one that is not needed.",
  ),
} as const;
