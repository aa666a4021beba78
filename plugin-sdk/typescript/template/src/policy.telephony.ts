// {{name}}: refuses to deliver one-time codes to numbers that begin with certain digits.

import { checked, type Infer, list, object, text } from "hookwarden-sdk/settings";
import { type Call, Decision, policy } from "hookwarden-sdk/telephony";

const prefix = text().check((value) =>
  /^\+[0-9]+$/.test(value) ? undefined : "must be `+` and digits, such as `+882`",
);

const rule = object({
  prefixes: list(prefix).check((prefixes) =>
    prefixes.length === 0 ? "must name at least one prefix" : undefined,
  ),
});

function decide(call: Call, { prefixes }: Infer<typeof rule>): Decision {
  const digits = (number: string): string => number.replace(/[^0-9]/g, "");
  const number = digits(call.phoneNumber() ?? "");
  const isRefused = prefixes.some((prefix) => number.startsWith(digits(prefix)));
  return isRefused ? Decision.failed().reason("a refused prefix") : Decision.noOpinion();
}

export const telephony = policy(decide, rule);
export const settings = checked(rule);
