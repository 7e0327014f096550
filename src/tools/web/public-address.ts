import ipaddr from "ipaddr.js";

/**
 * Whether an address belongs to the public internet: not this machine, not the networks around it, and none of the ranges that lead
 * there by another spelling (IPv4 inside IPv6, NAT64, 6to4, Teredo).
 */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, "");
  if (!ipaddr.isValid(bare)) return false;
  return ipaddr.process(bare).range() === "unicast";
}
