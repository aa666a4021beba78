// Lays out the contract as a tool for components reads it: `wit.mjs WORLD CONTRACT TO`
// copies the file of the policy's world to TO, and the contract with the interfaces of
// WASI that it refers to to `TO/deps`.

import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";

const [world, contract, to] = process.argv.slice(2);
if (to === undefined) {
  throw new Error("usage: wit.mjs WORLD CONTRACT TO");
}
const own = join(to, "deps", "hookwarden-policy");
rmSync(to, { recursive: true, force: true });
mkdirSync(own, { recursive: true });
cpSync(world, join(to, basename(world)));
for (const [from, into] of [
  [contract, own],
  [join(contract, "deps"), join(to, "deps")],
]) {
  for (const file of readdirSync(from).filter((name) => name.endsWith(".wit"))) {
    cpSync(join(from, file), join(into, file));
  }
}
