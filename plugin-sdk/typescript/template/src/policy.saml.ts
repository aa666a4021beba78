// {{name}}: adds an attribute to the assertions of people with listed e-mail domains.

import { isSameDomain, domain as domainOf } from "hookwarden-sdk/email";
import { type Call, Decision, policy } from "hookwarden-sdk/saml";
import { checked, type Infer, object, table, text } from "hookwarden-sdk/settings";

const rule = object({
  attribute: text().check((name) => (name.trim() === "" ? "must not be empty" : undefined)),
  domains: table(text()).check((domains) =>
    domains.size === 0 ? "must name at least one domain" : undefined,
  ),
});

function decide(call: Call, { attribute, domains }: Infer<typeof rule>): Decision {
  const login = call.user()?.profile?.text("login") ?? "";
  const own = domainOf(login) ?? "";
  for (const [domain, value] of domains) {
    if (isSameDomain(domain, own)) {
      return Decision.setAttribute(attribute, value).reason("a known domain");
    }
  }
  return Decision.noOpinion();
}

export const saml = policy(decide, rule);
export const settings = checked(rule);
