// Great letters: the lines of a title, as large as a box allows.

const LINE = 0.78;
const MOST_CUTS = 9;
/** The most words that can each have a line of their own. */
export const MOST_WORDS = MOST_CUTS + 1;

/** Cut a word into pieces that are no wider than asked, between letters as they are seen. */
export function cut(word: string, width: (text: string) => number, most: number): string[] {
  if (width(word) <= most) return [word];
  const pieces: string[] = [];
  let piece = "";
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    if (piece && width(piece + segment) > most) {
      pieces.push(piece);
      piece = "";
    }
    piece += segment;
  }
  return [...pieces, piece];
}

/** Split words into lines so that the letters can be largest; `widths` are for letters of size 1. */
export function fit(
  words: readonly string[],
  widths: readonly number[],
  space: number,
  box: { width: number; height: number; largest: number },
): { lines: string[]; size: number } {
  let best = { lines: [words.join(" ")], size: 0 };
  const cuts = Math.max(0, words.length - 1);
  for (let mask = 0; mask < 1 << Math.min(cuts, MOST_CUTS); mask += 1) {
    const lines: string[][] = [[]];
    const wide: number[] = [0];
    words.forEach((word, at) => {
      if (at > 0 && mask & (1 << (at - 1))) {
        lines.push([]);
        wide.push(0);
      }
      const line = lines.length - 1;
      wide[line] = (wide[line] ?? 0) + (widths[at] ?? 0) + (lines[line]?.length ? space : 0);
      lines[line]?.push(word);
    });
    const size = Math.min(
      box.width / Math.max(...wide),
      box.height / (LINE * lines.length + 0.24),
      box.largest,
    );
    if (size > best.size + 0.5) best = { lines: lines.map((line) => line.join(" ")), size };
  }
  return best;
}
