// Sets attributes by the domain of the e-mail address, and has no opinion about people of
// other domains.
//
// Attributes are set in the order of their names, each to the value in the settings, with
// its type. A person who completes a profile is asked only if the address is among the
// changes.

import { domain as domainOf, isSameDomain } from "hookwarden-sdk/email";
import { type Call, Decision, type Json, policy } from "hookwarden-sdk/registration";
import { anything, checked, type Infer, object, type Problem, table } from "hookwarden-sdk/settings";

/** Which domain's people get which attributes. */
const rule = object({ domains: table(table(anything())).check(problems) });

/** By domain: attributes with their values. */
type Domains = Map<string, Map<string, Json>>;

/** What is wrong with the domains. */
function problems(domains: Domains): Problem[] {
  const found: Problem[] = [];
  const wrong = (path: string, message: string): void => void found.push({ path, message });
  if (domains.size === 0) {
    wrong("", "must name one domain at least");
  }
  const seen = new Set<string>();
  for (const [domain, attributes] of domains) {
    // As the domain of an address, because that is what it is compared with.
    const same = domainOf(`x@${domain}`);
    if (same === undefined) {
      wrong(domain, `\`${domain}\` is not a domain such as \`example.com\``);
    } else if (seen.has(same)) {
      wrong(domain, `\`${same}\` is there twice`);
    } else {
      seen.add(same);
    }
    if (attributes.size === 0) {
      wrong(domain, "must set one attribute at least");
    }
    if (attributes.has("")) {
      wrong(`${domain}.`, "an attribute must have a name");
    }
    if (attributes.has("password")) {
      wrong(`${domain}.password`, "Okta never accepts a password from a hook");
    }
  }
  return found;
}

/** What the policy has to say about a call. */
function decide(call: Call, { domains }: Infer<typeof rule>): Decision {
  const own = call.emailDomain();
  if (own === undefined) {
    return Decision.noOpinion();
  }
  for (const [domain, attributes] of domains) {
    if (isSameDomain(domain, own)) {
      const decision = Decision.noOpinion();
      for (const [attribute, value] of attributes) {
        decision.andSet(attribute, value);
      }
      return decision.reason("defaults of a known domain");
    }
  }
  return Decision.noOpinion();
}

export const registration = policy(decide, rule);
export const settings = checked(rule);
