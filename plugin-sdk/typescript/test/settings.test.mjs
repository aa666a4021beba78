import assert from "node:assert/strict";
import { test } from "node:test";
import * as dataset from "../src/dataset";
import * as secrets from "../src/secrets";
import { anything, boolean, checked, integer, list, object, oneOf, optional, read, table, text } from "../src/settings";

function problems(rule, settings) {
  try {
    checked(rule).check(JSON.stringify(settings));
    return [];
  } catch (found) {
    return found.map(({ path, message }) => `${path}: ${message}`);
  }
}

const rule = object({
  domains: list(text()).check((domains) => (domains.length === 0 ? "must name one domain" : undefined)),
});

test("a problem names its member and what would be right, as the SDK for Rust does", () => {
  assert.deepEqual(problems(rule, { domains: ["a"] }), []);
  assert.deepEqual(problems(rule, { domains: ["a", 2] }), [
    "domains[1]: invalid type: integer `2`, expected a string",
  ]);
  assert.deepEqual(problems(rule, {}), [": missing field `domains`"]);
  assert.deepEqual(problems(rule, { domains: [] }), ["domains: must name one domain"]);
  assert.deepEqual(problems(rule, { domains: "a" }), [
    'domains: invalid type: string "a", expected a sequence',
  ]);
});

test("every problem is told, and members that are unknown", () => {
  assert.deepEqual(problems(rule, { domians: [] }), [
    "domians: unknown field `domians`, expected `domains`",
    ": missing field `domains`",
  ]);
  const several = object({ a: boolean(), b: integer(), c: oneOf("x", "y") });
  assert.deepEqual(problems(several, { a: 1, b: true, c: "z", constructor: 1 }), [
    "constructor: unknown field `constructor`, expected one of `a`, `b`, `c`",
    "a: invalid type: integer `1`, expected a boolean",
    "b: invalid type: boolean `true`, expected an integer",
    "c: unknown variant `z`, expected `x` or `y`",
  ]);
});

test("paths lead through tables and lists", () => {
  const nested = object({ by: table(list(object({ name: text() }))) });
  assert.deepEqual(problems(nested, { by: { one: [{ name: "a" }, { name: null }] } }), [
    "by.one[1].name: invalid type: null, expected a string",
  ]);
  const below = object({ by: table(text()).check(() => [{ path: "one", message: "no" }]) });
  assert.deepEqual(problems(below, { by: { one: "a" } }), ["by.one: no"]);
});

test("what is left out has its other value", () => {
  const optionals = object({ limit: optional(integer(), 3), name: optional(text()) });
  assert.deepEqual(read(optionals, "{}"), { limit: 3, name: undefined });
  assert.deepEqual(read(optionals, '{"limit":4,"name":"a"}'), { limit: 4, name: "a" });
  assert.equal(read(optionals, '{"limit":"4"}'), undefined);
});

test("a table is in the order of its names, by code point", () => {
  const read1 = read(table(anything()), '{"\u{1f642}":1,"\ufb01":2,"b":3,"10":4,"9":5,"__proto__":6}');
  assert.deepEqual([...read1.keys()], ["10", "9", "__proto__", "b", "\ufb01", "\u{1f642}"]);
});

test("any value is passed on, its tables in the order of their names", () => {
  const value = read(anything(), '{"b":[{"z":1,"a":null}],"a":true}');
  assert.equal(JSON.stringify(value), '{"a":true,"b":[{"a":null,"z":1}]}');
});

test("what names a secret or a dataset is not quoted when it is wrong", () => {
  const names = object({ token: secrets.named(), domains: dataset.named() });
  assert.deepEqual(problems(names, { token: "hunter2", domains: { dataset: " " } }), [
    'token: must name a secret, as `{ secret = "name" }`',
    'domains: must name a dataset, as `{ dataset = "name" }`',
  ]);
  const found = read(names, '{"token":{"secret":"crm-token"},"domains":{"dataset":"denied"}}');
  assert.equal(found.token.value().reveal(), "hunter2");
  assert.equal(`${found.token.value()} ${JSON.stringify(found.token.value())}`, 'Secret(..) "Secret(..)"');
  assert.ok(found.domains.contains("example.org") && !found.domains.contains("example.com"));
  assert.deepEqual(found.domains.lookup("example.org"), { tier: "gold" });
});
