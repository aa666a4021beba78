// Adds a claim to the access tokens of one client, and has no opinion about those of
// others.
//
// A claim that the token has already gets the value of the settings.

import { checked, type Infer, object, text } from "hookwarden-sdk/settings";
import { type Call, Decision, isReserved, policy } from "hookwarden-sdk/token";

/** Which client gets which claim. */
const rule = object({
  client: text(),
  claim: text().check((claim) =>
    claim === "" || isReserved("access", claim) ? "must be a claim that Okta does not reserve" : undefined,
  ),
  value: text(),
});

/** What the policy has to say about a call. */
function decide(call: Call, { client, claim, value }: Infer<typeof rule>): Decision {
  if (call.clientId() !== client) {
    return Decision.noOpinion();
  }
  return Decision.setClaim("access", claim, value).reason("the client");
}

export const token = policy(decide, rule);
export const settings = checked(rule);
