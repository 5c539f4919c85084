import { isIP } from "node:net";

import { Problem } from "../errors.js";
import type { AddressRules } from "./addresses.js";

/**
 * What can be said of a URL before anything is sent. Where a name leads is looked at each time that something is sent.
 * @throws Problem `webhook-url-refused`
 */
export function checkTarget(url: string, { rules, allowsHttp }: { rules: AddressRules; allowsHttp: boolean }): void {
  const refuse = (detail: string): Problem => new Problem("webhook-url-refused", detail);
  if (!URL.canParse(url)) throw refuse("It is not a URL.");
  const { protocol, hostname, username, password, hash } = new URL(url);
  if (protocol !== "https:" && !(protocol === "http:" && allowsHttp)) throw refuse("It must begin with https:.");
  if (username !== "" || password !== "") throw refuse("It must not carry a user or a password.");
  if (hash !== "") throw refuse("It must not carry a fragment.");
  const host = hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !rules.isReachable(host)) throw refuse(`${host} is not a public address.`);
}
