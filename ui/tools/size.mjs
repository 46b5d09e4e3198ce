// What a browser loads before the first screen: the files that index.html names, as they travel. Over the budget: exit 1.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

const KIB = 1024;
const BUDGET = { js: 230 * KIB, css: 35 * KIB };
const folder = process.argv[2] ?? "../src/towpath/server/page/built";
const page = readFileSync(join(folder, "index.html"), "utf8");
const named = new Set([...page.matchAll(/(?:src|href)="(?:\.\/)?([^"]+\.(?:js|css))"/g)].map((each) => each[1]));
// What those import at once is loaded with them.
for (const name of named) {
  if (!name.endsWith(".js")) continue;
  const text = readFileSync(join(folder, name), "utf8");
  for (const [, other] of text.matchAll(/(?:from|import)\s*"(\.[^"]+\.js)"/g)) named.add(join(dirname(name), other));
}
const total = { js: 0, css: 0 };
for (const name of named) {
  const size = gzipSync(readFileSync(join(folder, name)), { level: 9 }).length;
  total[name.endsWith(".css") ? "css" : "js"] += size;
  console.log(`${(size / KIB).toFixed(1).padStart(7)} KiB gz  ${name}`);
}
let failed = false;
for (const kind of ["js", "css"]) {
  const over = total[kind] > BUDGET[kind];
  failed ||= over;
  console.log(`${kind}: ${(total[kind] / KIB).toFixed(1)} of ${BUDGET[kind] / KIB} KiB gz${over ? "  OVER THE BUDGET" : ""}`);
}
process.exit(failed ? 1 : 0);
