// Build the harness and the player's files into a folder: node build.mjs FOLDER
import { createRequire } from "node:module";
import { copyFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";
import { playerFiles } from "../../../studio/player.build.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const { build } = createRequire(path.join(here, "../../../studio/package.json"))("esbuild");
const folder = process.argv[2];
writeFileSync(path.join(folder, "names.json"), JSON.stringify(await playerFiles(folder)));
await build({
  entryPoints: [path.join(here, "harness.ts")],
  outfile: path.join(folder, "harness.js"),
  bundle: true,
  format: "esm",
  logLevel: "warning",
});
for (const name of ["harness.html", "recorder.js"]) copyFileSync(path.join(here, name), path.join(folder, name));
