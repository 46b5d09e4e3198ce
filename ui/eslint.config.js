import { readdirSync } from "node:fs";
import js from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

const features = readdirSync(new URL("./src/features", import.meta.url), { withFileTypes: true })
  .filter((each) => each.isDirectory())
  .map((each) => each.name);

/** A screen knows itself and `shared/`: what two screens need moves there. */
const strangers = features.map((name) => ({
  files: [`src/features/${name}/**`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          {
            group: features.filter((other) => other !== name).map((other) => `@/features/${other}/**`),
            message: "Features are strangers to one another: move what both need to src/shared/.",
          },
          { group: ["@/app/**", "../../*"], message: "A feature uses src/shared/ and its own folder." },
        ],
      },
    ],
  },
}));

export default ts.config(
  { ignores: ["dist", "node_modules", "src/shared/api/schema.ts"] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...ts.configs.stylisticTypeChecked,
  a11y.flatConfigs.strict,
  hooks.configs.flat["recommended-latest"],
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js", "tools/*.mjs", "public/*.js", "tests/*.mjs"] }, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "max-lines": ["error", { max: 250, skipBlankLines: false }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      // An empty text is what the server leaves out.
      "@typescript-eslint/prefer-nullish-coalescing": ["error", { ignorePrimitives: { string: true } }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // TanStack Virtual is not memoized, and we use no compiler.
      "react-hooks/incompatible-library": "off",
      "no-restricted-globals": [
        "error",
        { name: "localStorage", message: "Use src/shared/kept.ts, which knows what may be kept." },
        { name: "encodeURIComponent", message: "Addresses are made by path`…` and query() of src/shared/api/paths.ts." },
      ],
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Text of others is text, never markup." },
        { selector: "NewExpression[callee.name='EventSource']", message: "There is one stream: src/shared/stream/." },
      ],
    },
  },
  {
    files: ["src/shared/**"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ group: ["@/features/**", "@/app/**"], message: "shared/ is below features and app." }] }],
    },
  },
  ...strangers,
  {
    files: ["**/*.js", "**/*.mjs"],
    ...ts.configs.disableTypeChecked,
  },
  {
    files: ["*.js", "tools/**", "public/**", "tests/**/*.mjs"],
    languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly", document: "readonly", localStorage: "readonly", matchMedia: "readonly", location: "readonly", fetch: "readonly", window: "readonly" } },
    rules: { "no-restricted-globals": "off" },
  },
  { files: ["src/shared/api/paths.ts"], rules: { "no-restricted-globals": "off" } },
  {
    files: ["tests/browser/**/*.test.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        ...["CallExpression[callee.name='expect'] > AwaitExpression", "CallExpression[callee.name='expect'] > ArrayExpression > AwaitExpression", "CallExpression[callee.name='expect'] > CallExpression[callee.property.name='url']"].map((selector) => ({
          selector,
          message: "A page shows what it shows in its own time: `await expect.poll(() => …)` asks until it is so. What is read or done once is a constant before.",
        })),
        { selector: "CallExpression[callee.property.name='waitForTimeout']", message: "Wait for what comes, not for time to pass." },
      ],
    },
  },
  { files: ["**/*.test.ts", "**/*.test.tsx", "tests/**"], rules: { "no-restricted-globals": "off", "max-lines": ["error", 450], "@typescript-eslint/no-non-null-assertion": "off" } },
);
