import assert from "node:assert/strict";
import { test } from "node:test";
import { domain, isSameDomain, normalizeDomain } from "../src/email";

test("the domain is what follows the address and nothing else", () => {
  for (const [address, expected] of [
    ["rosario.jones@example.com", "example.com"],
    ["a@EXAMPLE.COM", "example.com"],
    ["a+tag@example.com", "example.com"],
    ["a@sub.example.com", "sub.example.com"],
    ["a@example.com.evil.com", "example.com.evil.com"],
    ["a@notexample.com", "notexample.com"],
    ['"x@example.com"@evil.io', "evil.io"],
    ["nobody", undefined],
    ["", undefined],
    ["@example.com", undefined],
    ["a@", undefined],
    ["a@@example.com", undefined],
    ["a@evil.com@example.com", undefined],
    ["a@example.com,b@evil.com", undefined],
    ["a@example.com b@evil.com", undefined],
    ["a@evil.com\0@example.com", undefined],
    ["Rosario <a@example.com>", undefined],
    [" <a@example.com>", undefined],
    ["  <a@example.com> ", undefined],
    ["<a@example.com>", undefined],
    [" a@example.com", undefined],
    ["a@example.com ", undefined],
    ["a@[192.0.2.1]", undefined],
    ["a@localhost", undefined],
    ["a@example.com.", undefined],
    ["a@-example.com", undefined],
    ["a@example.com\n", undefined],
    // Beyond the tests of the SDK for Rust, whose results these are too.
    [`${"a".repeat(64)}@example.com`, "example.com"],
    [`${"a".repeat(65)}@example.com`, undefined],
    [`${"\u00e4".repeat(33)}@example.com`, undefined],
    [`a@${"b".repeat(64)}.example`, undefined],
    [`a@${"b.".repeat(126)}example`, undefined],
    ['""@example.com', undefined],
    ['"a\\"@b"@example.com', "example.com"],
    ['"a"b"@example.com', undefined],
    ["a..b@example.com", undefined],
    ["a.@example.com", undefined],
    ["j\u00fcrgen@b\u00fccher.example", "b\u00fccher.example"],
    ["a@ex_ample.com", undefined],
  ]) {
    assert.equal(domain(address), expected, JSON.stringify(address));
  }
});

test("a look-alike is another domain", () => {
  const cyrillic = domain("a@ex\u0430mple.com");
  assert.notEqual(cyrillic, "example.com");
  assert.notEqual(cyrillic, undefined);
  // A letter that becomes ASCII in lower case.
  assert.notEqual(normalizeDomain("\u212a.example"), "k.example");
});

test("what is no domain is refused", () => {
  for (const text of ["", ".", "a..b", "-a.example", "a b.example", "a@b.example"]) {
    assert.equal(normalizeDomain(text), undefined, JSON.stringify(text));
  }
});

test("domains are the same regardless of case, and nothing is the same as none", () => {
  assert.ok(isSameDomain("example.com", "Example.COM"));
  assert.ok(!isSameDomain("example.com", "sub.example.com"));
  assert.ok(!isSameDomain("", ""));
});
