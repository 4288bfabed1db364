import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PUBLIC = join(HERE, "public");
/** Not everybody wants the models of letters and of lines: they are kept when they are first fetched. */
const LATER = /^models\/(characters|line)\//;

/** Write sw.js with the names of all files that the page needs without a network. */
function offline(): Plugin {
  return {
    name: "offline",
    apply: "build",
    generateBundle(_, bundle) {
      const built = Object.keys(bundle).filter((name) => !name.endsWith(".map"));
      const copied = readdirSync(PUBLIC, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(PUBLIC, join(entry.parentPath, entry.name)).split(sep).join("/"));
      const hash = createHash("sha256").update(built.join()).update(readFileSync(join(HERE, "index.html")));
      copied.sort().forEach((name) => hash.update(readFileSync(join(PUBLIC, name))));
      const kept = ["./", ...built, ...copied].filter((name) => name !== "index.html" && !LATER.test(name));
      const source = readFileSync(join(HERE, "src/sw.js"), "utf-8")
        .replace('"FILES"', JSON.stringify(kept.sort()))
        .replace("VERSION", hash.digest("hex").slice(0, 12));
      this.emitFile({ type: "asset", fileName: "sw.js", source });
    },
  };
}

export default defineConfig({
  base: "./",
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  plugins: [offline()],
  test: { include: ["tests/**/*.test.ts"], testTimeout: 60_000 },
});
