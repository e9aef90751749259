// Build the page into the Python package: src/sideman/studio/static.
// The same sources give the same bytes; names hold a hash of what is in the file.

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { playerFiles } from "./player.build.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "../src/sideman/studio/static");

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target: ["es2022"],
  legalComments: "none",
  logLevel: "warning",
  write: false,
};

/** Write a file under a name with its hash; return the name. */
function put(name, bytes) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const [stem, ...rest] = name.split(".");
  const full = `${stem}.${hash}.${rest.join(".")}`;
  writeFileSync(join(out, full), bytes);
  return full;
}

for (const font of ["archivo.woff2", "leipzig.woff2"]) copyFileSync(join(here, "fonts", font), join(out, font));

const style = await build({
  ...shared,
  entryPoints: ["src/studio.css"],
  external: ["*.woff2"],
});
const styleName = put("app.css", style.outputFiles[0].contents);

const player = await playerFiles(out);

const script = await build({
  ...shared,
  define: {
    WORKLET: JSON.stringify(`/${player.worklet}`),
    TIMER: JSON.stringify(`/${player.timer}`),
  },
  entryPoints: { app: "src/main.tsx" },
  outdir: out,
  format: "esm",
  splitting: true,
  jsx: "automatic",
  jsxImportSource: "preact",
  entryNames: "[name].[hash]",
  chunkNames: "[name].[hash]",
});
for (const file of script.outputFiles) writeFileSync(file.path, file.contents);
const scriptName = script.outputFiles.map((file) => basename(file.path)).find((name) => name.startsWith("app."));

const page = readFileSync(join(here, "index.html"), "utf8")
  .replace("/FONT", "/archivo.woff2")
  .replace("/STYLE", `/${styleName}`)
  .replace("/SCRIPT", `/${scriptName}`);
writeFileSync(join(out, "index.html"), page);

for (const name of readdirSync(out).sort()) {
  const bytes = readFileSync(join(out, name));
  console.log(`${name}  ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzip`);
}
