// Lines for the operator's log.
//
// The host writes them only if the operator granted `log` to the policy, and
// otherwise counts them. Keep personal data out: the host cannot tell it from other
// text.

import host from "hookwarden:policy/log@0.1.0";

/** For the author, while writing the policy. */
export function debug(message: string): void {
  host.write("debug", message);
}

/** Worth knowing, nothing to do. */
export function info(message: string): void {
  host.write("info", message);
}

/** Somebody should look at this. */
export function warn(message: string): void {
  host.write("warn", message);
}

/** The policy could not do its work. */
export function error(message: string): void {
  host.write("error", message);
}
