import assert from "node:assert/strict";
import { test } from "node:test";
import * as dataset from "../src/dataset";
import { Bucket } from "../src/key-value";
import { Failure } from "../src/registration";
import { decode, encode } from "../src/utf8";
import { meanwhile } from "./fakes/atomics.mjs";

test("a dataset that was not granted is a failure that says so", () => {
  assert.throws(() => dataset.contains("other", "a"), {
    kind: "other",
    message: "the policy was not granted the dataset",
  });
});

test("a value is there until it is deleted", () => {
  const bucket = Bucket.open();
  assert.equal(bucket.get("a"), undefined);
  bucket.set("a", "\u00fc\u{1f642}");
  assert.equal(bucket.get("a"), "\u00fc\u{1f642}");
  assert.ok(bucket.exists("a"));
  bucket.delete("a");
  assert.ok(!bucket.exists("a"));
});

test("a number counts on, and what is no number does not", () => {
  const bucket = Bucket.open();
  assert.equal(bucket.increment("n", 2), 2);
  assert.equal(bucket.increment("n"), 3);
  bucket.set("t", "text");
  assert.throws(() => bucket.increment("t"), Failure);
});

test("of all owners one has a claim, also if another is quicker", () => {
  const bucket = Bucket.open();
  assert.equal(bucket.claim("c", "one"), "new");
  assert.equal(bucket.claim("c", "one"), "again");
  assert.equal(bucket.claim("c", "two"), "taken");
  meanwhile.run = () => bucket.set("d", "two");
  assert.equal(bucket.claim("d", "one"), "taken");
});

test("text is UTF-8", () => {
  for (const text of ["", "a", "\u00fc", "\u20ac", "\u{1f642}"]) {
    assert.deepEqual(encode(text), new TextEncoder().encode(text));
    assert.equal(decode(encode(text)), text);
  }
  assert.deepEqual(encode("\ud800"), new TextEncoder().encode("\ud800"));
  assert.equal(decode(Uint8Array.of(0xff)), undefined);
});
