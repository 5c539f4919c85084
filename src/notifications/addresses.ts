import { BlockList, isIP, isIPv4 } from "node:net";

/** Which addresses a request to a target that somebody named may go to. */
export interface AddressRules {
  /** An address on the public internet, or in a network that was allowed by name. */
  isReachable(address: string): boolean;
  /** An address in a network that was allowed by name: plain http is good enough there. */
  isTrusted(address: string): boolean;
}

/** IPv4 that is not the public internet (IANA's registry of special purposes, and multicast). */
const SPECIAL_V4 = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"],
  ...["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"],
  ...["203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
];
/** The only IPv6 that is public, and what is special within it: tunnels, which may lead to any IPv4, and documentation. */
const GLOBAL_V6 = "2000::/3";
const SPECIAL_V6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/** @param networks As `10.0.0.0/8` or `fd00::/8`, each a network that may be sent to although it is not public. */
export function createAddressRules(networks: readonly string[] = []): AddressRules {
  const [special, global, trusted] = [listOf([...SPECIAL_V4, ...SPECIAL_V6]), listOf([GLOBAL_V6]), listOf(networks)];

  function isTrusted(address: string): boolean {
    return trusted.check(address, familyOf(address));
  }

  function isPublic(address: string): boolean {
    if (isIP(address) === 0) return false;
    if (special.check(address, familyOf(address))) return false;
    // What is written as an IPv4 address inside of an IPv6 one is not global, and so refused.
    return isIPv4(address) || global.check(address, "ipv6");
  }

  return { isTrusted, isReachable: (address) => isTrusted(address) || isPublic(address) };
}

/** True for `10.0.0.0/8` and its like. */
export function isNetwork(text: string): boolean {
  const [, address = "", prefix = ""] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(prefix) <= (family === 4 ? 32 : 128);
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix = ""] = network.split("/");
    list.addSubnet(address, Number(prefix), familyOf(address));
  }
  return list;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv4(address) ? "ipv4" : "ipv6";
}
