// Adds an attribute to the SAML assertions of users whose login is in one domain, and has
// no opinion about those of others.
//
// The domain is compared whole: sub-domains and domains that end alike are others.

import { domain as domainOf, isSameDomain } from "hookwarden-sdk/email";
import { type Call, Decision, policy } from "hookwarden-sdk/saml";
import { checked, type Infer, object, text } from "hookwarden-sdk/settings";

/** Whose assertions get which attribute. */
const rule = object({
  domain: text(),
  attribute: text().check((name) => (name.trim() === "" ? "must be the attribute's name" : undefined)),
  value: text(),
});

/** What the policy has to say about a call. */
function decide(call: Call, { domain, attribute, value }: Infer<typeof rule>): Decision {
  const own = domainOf(call.user()?.profile?.text("login") ?? "");
  if (own === undefined || !isSameDomain(domain, own)) {
    return Decision.noOpinion();
  }
  return Decision.setAttribute(attribute, value).reason("the domain");
}

export const saml = policy(decide, rule);
export const settings = checked(rule);
