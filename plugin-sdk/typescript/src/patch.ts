// Patches of what Okta is about to issue, as its commands carry them: operations after
// RFC 6902, with places as JSON Pointers (RFC 6901).

import type { Json } from "./json";

/** One operation. */
export interface Operation {
  op: "add" | "replace" | "remove";
  path: string;
  value?: Json;
}

/**
 * The pointer to a member below `top`, which is a pointer itself. Each name is one step,
 * whatever is in it: a claim can be named by a URI.
 */
export function pointer(top: string, names: string[]): string {
  return names.reduce((way, name) => `${way}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`, top);
}
