// Tells a policy which of the author's lines its own lines were made from, so that a
// failure names `src/policy.ts:12`: `lines.mjs BUNDLE` reads `BUNDLE.map` and adds one
// line to BUNDLE. The lines of this SDK are left out.

import { appendFileSync, readFileSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const [bundle] = process.argv.slice(2);
if (bundle === undefined) {
  throw new Error("usage: lines.mjs BUNDLE");
}
const sdk = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const { sources, mappings } = JSON.parse(readFileSync(`${bundle}.map`, "utf8"));

/** The path of a source from the project's folder; `undefined` if it is the SDK's. */
function named(source) {
  const path = resolve(dirname(bundle), source);
  const isOwn = path.startsWith(sdk + sep + "src" + sep);
  return isOwn ? undefined : relative(process.cwd(), path).replaceAll(sep, "/");
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The numbers of one segment of a source map: base 64, five bits a digit, sign last. */
function numbers(segment) {
  const found = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value |= (bits & 31) << shift;
    shift += 5;
    if (bits < 32) {
      found.push(value & 1 ? -(value >>> 1) : value >>> 1);
      value = 0;
      shift = 0;
    }
  }
  return found;
}

const names = sources.map(named);
const lines = [];
let source = 0;
let line = 0;
mappings.split(";").forEach((segments, index) => {
  let first;
  for (const segment of segments.split(",").filter((text) => text !== "")) {
    const [, sources = 0, lines = 0] = numbers(segment);
    source += sources;
    line += lines;
    first ??= names[source] && `${index + 1}=${names[source]}:${line + 1}`;
  }
  if (first) {
    lines.push(first);
  }
});
appendFileSync(bundle, `globalThis.hookwardenLines = ${JSON.stringify(lines.join(";"))};\n`);
