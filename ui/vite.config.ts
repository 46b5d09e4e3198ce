import { gzipSync } from "node:zlib";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Beside each text file its gzip: the server packs nothing twice. */
function packed(): Plugin {
  let folder = "";
  return {
    name: "packed",
    apply: "build",
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        const path = resolve(folder, name);
        if (/\.(js|css|svg)$/.test(name) && statSync(path).size >= 512) {
          writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
        }
      }
    },
  };
}

const server = process.env.TOWPATH_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig(({ mode }) => ({
  // Addresses of files are relative to the page's <base>, which the server sets: the UI runs below any path.
  base: "./",
  // Text of others is marked where JSX becomes elements: src/shared/shown.
  plugins: [react({ jsxImportSource: "@/shared/shown" }), packed()],
  define: { __DEVELOPMENT__: JSON.stringify(mode === "development") },
  build: {
    outDir: process.env.TOWPATH_UI_OUT ?? "dist",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      output: {
        // What seldom changes stays in browsers' caches when our own code changes.
        codeSplitting: { groups: [{ name: "libraries", test: /node_modules[\\/](?!uplot|yaml[\\/]|@?codemirror|@xyflow)/ }] },
      },
    },
  },
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  css: { modules: { localsConvention: "camelCaseOnly" as const } },
  server: {
    proxy: { "^/(towpath|v1beta1|healthz|readyz|livez)(/|$)": { target: server, changeOrigin: true } },
  },
}));
