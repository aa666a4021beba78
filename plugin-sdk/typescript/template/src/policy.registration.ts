// Admits e-mail addresses of the domains in the settings and denies all others.
//
// A person who signs up must submit such an address. A person who completes a profile is
// asked only if the address is among the changes.

import { isSameDomain } from "hookwarden-sdk/email";
import { type Call, Decision, policy } from "hookwarden-sdk/registration";
import { checked, type Infer, list, object, text } from "hookwarden-sdk/settings";

/** Whose addresses are admitted. */
const rule = object({
  domains: list(text()).check((domains) => (domains.length === 0 ? "must name at least one domain" : undefined)),
});

/** What the policy has to say about a call. */
function decide(call: Call, { domains }: Infer<typeof rule>): Decision {
  if (call.isProgressive() && !call.submitted().has("email")) {
    return Decision.noOpinion();
  }
  const own = call.emailDomain();
  if (own !== undefined && domains.some((domain) => isSameDomain(domain, own))) {
    return Decision.allow();
  }
  const text = `Only people with one of these addresses can register: ${domains.join(", ")}.`;
  return Decision.denyField("email", text).code("INVALID_EMAIL_DOMAIN").reason("another domain");
}

export const registration = policy(decide, rule);
export const settings = checked(rule);
