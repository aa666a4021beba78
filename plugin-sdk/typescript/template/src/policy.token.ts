// {{name}}: adds a claim to the tokens of one client.

import { type Call, Decision, policy } from "hookwarden-sdk/token";
import { checked, type Infer, object, text } from "hookwarden-sdk/settings";

const notEmpty = text().check((value) => (value.trim() === "" ? "must not be empty" : undefined));

const rule = object({ client: notEmpty, claim: notEmpty, value: text() });

function decide(call: Call, { client, claim, value }: Infer<typeof rule>): Decision {
  if (call.clientId() !== client) {
    return Decision.noOpinion();
  }
  // A token that is not minted is left alone.
  return Decision.setClaim("access", claim, value).andSetClaim("id", claim, value).reason("a known client");
}

export const token = policy(decide, rule);
export const settings = checked(rule);
