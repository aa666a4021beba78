// Sets an attribute of imported users whose e-mail address is in one domain, and has no
// opinion about others.

import { domain as domainOf, isSameDomain } from "hookwarden-sdk/email";
import { checked, type Infer, object, text } from "hookwarden-sdk/settings";
import { type Call, Decision, policy } from "hookwarden-sdk/user-import";

/** Which users get which attribute of their profile in Okta. */
const rule = object({
  domain: text(),
  attribute: text().check((name) =>
    ["", "password"].includes(name.trim()) ? "must be an attribute that can be set" : undefined,
  ),
  value: text(),
});

/** What the policy has to say about a call. */
function decide(call: Call, { domain, attribute, value }: Infer<typeof rule>): Decision {
  const own = domainOf(call.user().text("email") ?? "");
  if (own === undefined || !isSameDomain(domain, own)) {
    return Decision.noOpinion();
  }
  return Decision.setUser(attribute, value).reason("the domain");
}

export const userImport = policy(decide, rule);
export const settings = checked(rule);
