import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Decision, policy } from "../src/registration";

const sdk = process.env.HOOKWARDEN_SDK;

test("a bundle is told the author's lines, and not those of the SDK", () => {
  const project = mkdtempSync(join(tmpdir(), "hookwarden-lines-"));
  mkdirSync(join(project, "target"));
  const bundle = join(project, "target", "policy.js");
  writeFileSync(bundle, "one\ntwo\nthree\nfour\n");
  const sources = ["../src/policy.ts", join(sdk, "src", "email.ts")];
  // Line 1 is line 1 of the policy, 2 is its line 3, and 4 is line 3 of the SDK.
  writeFileSync(`${bundle}.map`, JSON.stringify({ version: 3, sources, mappings: "AAAA;AAEA;;ACAA" }));
  execFileSync(process.execPath, [join(sdk, "tools", "lines.mjs"), bundle], { cwd: project });
  const text = readFileSync(bundle, "utf8");
  rmSync(project, { recursive: true });
  assert.equal(
    text,
    'one\ntwo\nthree\nfour\nglobalThis.hookwardenLines = "1=src/policy.ts:1;2=src/policy.ts:3";\n',
  );
});

test("an error is where the author wrote the line", () => {
  const decide = () => {
    const [, line] = /:(\d+):\d+\)?$/.exec(new Error().stack.split("\n")[1]);
    globalThis.hookwardenLines = `1${line}=src/other.ts:1;${Number(line) + 2}=src/policy.ts:7`;
    throw new RangeError("about a person");
  };
  try {
    assert.throws(() => policy(decide).decide("{}", "{}"), { tag: "other", val: "RangeError at src/policy.ts:7" });
  } finally {
    delete globalThis.hookwardenLines;
  }
  assert.deepEqual(policy(() => Decision.allow()).decide("{}", "{}").commands, []);
});
