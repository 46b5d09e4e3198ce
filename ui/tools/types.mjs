/**
 * Writes the types of our own API from docs/reference/openapi.json: what lies below /towpath/v1, and the schemas that it names, and a few
 * of Kargo's.
 * `--check` writes nothing, and fails where what is there is not what would be written.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const OURS = "/towpath/v1/";
/** Of Kargo's routes, what settings send and are answered. */
const ALSO = ["KargoRole", "NewApiToken", "NewGenericCredentials", "NewRepoCredentials", "RepoCredentialsChanges", "io.k8s.api.core.v1.SecretList"];
const source = fileURLToPath(new URL("../../docs/reference/openapi.json", import.meta.url));
const target = fileURLToPath(new URL("../src/shared/api/schema.ts", import.meta.url));
const HEAD = "/* Written by `make generate` from docs/reference/openapi.json: change the server's types instead. */\n";

const whole = JSON.parse(readFileSync(source, "utf8"));
const paths = Object.fromEntries(Object.entries(whole.paths).filter(([path]) => path.startsWith(OURS)));
const schemas = {};
follow(paths);
follow(ALSO.map((name) => ({ $ref: `#/components/schemas/${name}` })));

const written = HEAD + astToString(await openapiTS({ openapi: whole.openapi, info: whole.info, paths, components: { ...whole.components, schemas } }, { immutable: true, alphabetize: true, defaultNonNullable: false }));
if (process.argv.includes("--check")) {
  let there = "";
  try {
    there = readFileSync(target, "utf8");
  } catch {
    // Not there is not the same either.
  }
  if (there !== written) {
    console.error("ui/src/shared/api/schema.ts is not what docs/reference/openapi.json says: make generate");
    process.exit(1);
  }
} else {
  writeFileSync(target, written);
}

/** Take in each schema that something names, and what that names. */
function follow(node) {
  if (Array.isArray(node)) node.forEach(follow);
  else if (node !== null && typeof node === "object") {
    for (const [key, value] of Object.entries(node)) {
      if (key === "$ref" && typeof value === "string") {
        const name = value.replace("#/components/schemas/", "");
        if (name === value || name in schemas) continue;
        schemas[name] = whole.components.schemas[name];
        follow(schemas[name]);
      } else follow(value);
    }
  }
}
