// {{name}}: admits e-mail addresses of listed domains only.

import { type Call, Decision, policy } from "hookwarden-sdk/registration";
import { isSameDomain } from "hookwarden-sdk/email";
import { checked, type Infer, list, object, text } from "hookwarden-sdk/settings";

const rule = object({
  domains: list(text()).check((domains) =>
    domains.length === 0 ? "must name at least one domain" : undefined,
  ),
});

function decide(call: Call, { domains }: Infer<typeof rule>): Decision {
  // Somebody who completes a profile sends the changes alone.
  if (call.isProgressive() && !call.submitted().has("email")) {
    return Decision.noOpinion();
  }
  const own = call.emailDomain() ?? "";
  if (domains.some((domain) => isSameDomain(domain, own))) {
    return Decision.allow();
  }
  const text = `Only people with one of these addresses can register: ${domains.join(", ")}.`;
  return Decision.denyField("email", text).code("INVALID_EMAIL_DOMAIN").reason("another domain");
}

export const registration = policy(decide, rule);
export const settings = checked(rule);
