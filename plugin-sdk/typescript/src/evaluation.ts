// What the policy may know about its own evaluation.
//
// The policy's world imports `hookwarden:policy/evaluation@0.1.0`.

import host from "hookwarden:policy/evaluation@0.1.0";

/** The name of the hook being answered, such as `registration`. */
export function hook(): string {
  return host.hook();
}

/** How many milliseconds are left until this evaluation is cut off. */
export function remaining(): number {
  return host.remaining();
}
