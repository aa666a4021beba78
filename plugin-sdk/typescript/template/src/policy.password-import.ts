// {{name}}: refuses passwords of users whose names end otherwise than agreed.
//
// It compares no password: ask the system that your users come from, with
// `hookwarden-sdk/http`, where the failure stands.

import { type Call, Decision, Failure, policy } from "hookwarden-sdk/password-import";
import { checked, type Infer, object, text } from "hookwarden-sdk/settings";

const rule = object({
  suffix: text().check((suffix) => (suffix.trim() === "" ? "must not be empty" : undefined)),
});

function decide(call: Call, { suffix }: Infer<typeof rule>): Decision {
  if (!call.username().toLowerCase().endsWith(suffix.toLowerCase())) {
    return Decision.unverified().reason("no user of the old system");
  }
  // `Decision.verified()` makes Okta keep the password: never the answer to doubt.
  throw Failure.unavailable("no system is asked yet");
}

export const passwordImport = policy(decide, rule);
export const settings = checked(rule);
