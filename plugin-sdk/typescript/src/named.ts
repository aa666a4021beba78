// Settings that name something of the operator's: `{ secret = "crm-token" }`.

import { isObject } from "./json";
import { type Schema, schema } from "./settings";

/**
 * Reads the object whose only member is `what`, with a name in it. A problem does not
 * quote what stands there: somebody may have written the secret itself.
 */
export function named<T>(what: string, make: (name: string) => T): Schema<T> {
  return schema((value, problem) => {
    const name = isObject(value) && Object.keys(value).length === 1 ? value[what] : undefined;
    if (typeof name === "string" && name.trim() !== "") {
      return make(name);
    }
    return problem(`must name a ${what}, as \`{ ${what} = "name" }\``);
  });
}
