// Build the page into the Python package: src/sideman/studio/static.
// The same sources give the same bytes; names hold a hash of what is in the file.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/** Write what was built; return the names. */
function write(built) {
  return built.outputFiles.map((file) => {
    writeFileSync(file.path, file.contents);
    return basename(file.path);
  });
}

const named = (names, start, end) => names.find((name) => name.startsWith(start) && name.endsWith(end));

const style = await build({
  ...shared,
  entryPoints: { app: "src/studio.css" },
  outdir: out,
  loader: { ".woff2": "file" },
  entryNames: "[name].[hash]",
  assetNames: "[name].[hash]",
});
const styles = write(style);

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
const scripts = write(script);

// The texts of the licences of what is in the bundle.
const parts = [
  ["preact", "node_modules/preact/LICENSE"],
  ["@preact/signals", "node_modules/@preact/signals/LICENSE"],
  ["@preact/signals-core", "node_modules/@preact/signals-core/LICENSE"],
  ["spessasynth_core", "node_modules/spessasynth_core/LICENSE"],
  ["Archivo", "fonts/archivo-OFL.txt"],
  ["Leipzig", "fonts/leipzig-OFL.txt"],
];
const licenses = parts.map(([name, file]) => `${name}\n\n${readFileSync(join(here, file), "utf8").replaceAll("\r", "").trim()}\n`);
writeFileSync(join(out, "licenses.txt"), licenses.join(`\n${"-".repeat(72)}\n\n`));

const page = readFileSync(join(here, "index.html"), "utf8")
  .replace("/FONT", `/${named(styles, "archivo.", ".woff2")}`)
  .replace("/STYLE", `/${named(styles, "app.", ".css")}`)
  .replace("/SCRIPT", `/${named(scripts, "app.", ".js")}`);
writeFileSync(join(out, "index.html"), page);

for (const name of readdirSync(out).sort()) {
  const bytes = readFileSync(join(out, name));
  console.log(`${name}  ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzip`);
}
