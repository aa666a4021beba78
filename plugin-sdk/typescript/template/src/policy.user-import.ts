// {{name}}: marks imported users whose e-mail address has a listed domain.

import { domain as domainOf, isSameDomain } from "hookwarden-sdk/email";
import { checked, type Infer, list, object, text } from "hookwarden-sdk/settings";
import { type Call, Decision, policy } from "hookwarden-sdk/user-import";

const rule = object({
  domains: list(text()).check((domains) =>
    domains.length === 0 ? "must name at least one domain" : undefined,
  ),
  attribute: text().check((name) => (name.trim() === "" ? "must not be empty" : undefined)),
  value: text(),
});

function decide(call: Call, { domains, attribute, value }: Infer<typeof rule>): Decision {
  const own = domainOf(call.user().text("email") ?? "") ?? "";
  if (!domains.some((domain) => isSameDomain(domain, own))) {
    return Decision.noOpinion();
  }
  return Decision.setUser(attribute, value).reason("a known domain");
}

export const userImport = policy(decide, rule);
export const settings = checked(rule);
