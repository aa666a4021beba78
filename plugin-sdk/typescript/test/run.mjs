// Runs the tests: bundles each file with fakes in place of the host, and hands the
// bundles to node's own runner.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const to = mkdtempSync(join(tmpdir(), "hookwarden-sdk-"));
const fake = (name) => join(here, "fakes", name);
const tests = readdirSync(here).filter((name) => name.endsWith(".test.mjs"));

buildSync({
  absWorkingDir: here,
  entryPoints: tests,
  outdir: to,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  inject: [fake("engine.mjs")],
  alias: {
    "hookwarden:policy/log@0.1.0": fake("log.mjs"),
    "hookwarden:policy/secrets@0.1.0": fake("secrets.mjs"),
    "hookwarden:policy/dataset@0.1.0": fake("dataset.mjs"),
    "wasi:keyvalue/store@0.2.0-draft2": fake("store.mjs"),
    "wasi:keyvalue/atomics@0.2.0-draft2": fake("atomics.mjs"),
  },
});
const bundles = tests.map((name) => join(to, name));
const { status } = spawnSync(process.execPath, ["--test", ...bundles], {
  stdio: "inherit",
  env: { ...process.env, HOOKWARDEN_SDK: join(here, "..") },
});
rmSync(to, { recursive: true });
process.exitCode = status ?? 1;
