// The player's files beside the bundle: the audio worklet and the timer, each named by its hash.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";

const here = path.dirname(fileURLToPath(import.meta.url));

const notice = "/* Holds spessasynth_core (Apache-2.0) and fflate (MIT): see THIRD_PARTY.md of sideman. */";

/** Write both files to a folder; return their names. */
export async function playerFiles(folder) {
  const names = {};
  mkdirSync(folder, { recursive: true });
  for (const [key, source] of [["worklet", "synth.worklet"], ["timer", "timer"]]) {
    const { outputFiles } = await build({
      entryPoints: [path.join(here, "src/player", `${source}.ts`)],
      alias: { "stb-vorbis": path.join(here, "src/player/vorbis.ts") },
      bundle: true,
      minify: true,
      format: "iife",
      target: "es2022",
      legalComments: "none",
      banner: key === "worklet" ? { js: notice } : {},
      write: false,
    });
    const bytes = outputFiles[0].contents;
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
    names[key] = `${source}.${hash}.js`;
    writeFileSync(path.join(folder, names[key]), bytes);
  }
  return names;
}
