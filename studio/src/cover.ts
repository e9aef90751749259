// The picture of a take: a skyline drawn from the notes of its solo.

import type { Kind, Music } from "./types";

export interface Block {
  x: number;
  y: number;
  width: number;
  height: number;
  kind: Kind;
}

const SLEEVES = 6;
export const COVER = { width: 480, height: 168 };
export const COVER_BOX = `0 0 ${COVER.width} ${COVER.height}`;
const ROW_BARS = 8;
const MOST_ROWS = 6;
const GAP = 4;
const NARROWEST = 2.2;

/** Return the number of rows that bars stand in. */
export const rowsOf = (bars: number) => Math.max(1, Math.min(MOST_ROWS, Math.ceil(bars / ROW_BARS)));

/** Return the number of a take's colours. */
export const sleeveOf = (seed: number) => Math.abs(Math.trunc(seed)) % SLEEVES;

/** Return the blocks of a skyline of a few rows; width is time, height is pitch. */
export function skyline(music: Music): Block[] {
  const bars = music.bars.filter((bar) => bar.written !== null);
  const first = bars[0];
  const last = bars.at(-1);
  if (!first || !last || !music.solo.length) return [];
  const span = last.end - first.start || 1;
  const rows = rowsOf(bars.length);
  const rowSeconds = span / rows;
  const rowHeight = COVER.height / rows;
  const pitches = music.solo.map((note) => note.pitch);
  const low = Math.min(...pitches) - 3;
  const high = Math.max(...pitches);
  return music.solo.map((note) => {
    const at = Math.max(0, note.start - first.start);
    const row = Math.min(rows - 1, Math.floor(at / rowSeconds));
    const x = ((at - row * rowSeconds) / rowSeconds) * COVER.width;
    const width = Math.max(NARROWEST, ((note.end - note.start) / rowSeconds) * COVER.width - 1);
    const height = ((note.pitch - low) / (high - low)) * (rowHeight - GAP);
    return { x, y: (row + 1) * rowHeight - height, width, height, kind: note.kind };
  });
}

/** Return a path of the rectangles of some blocks. */
export function pathOf(blocks: readonly Block[]): string {
  const round = (value: number) => Math.round(value * 10) / 10;
  return blocks
    .map(({ x, y, width, height }) => `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h-${round(width)}z`)
    .join("");
}
