// The bars of the grid, and the typed text that they make.

import type { Chart, MusicBar, Problem } from "./types";

export interface Cell {
  /** The letter of a section that begins here; empty where none does. */
  section: string;
  /** What is typed in the bar, such as `Cm7 F7`, `%` or `(3/4) F6`. */
  text: string;
  /** The bar of the lead sheet that it came from; a bar that was added has none. */
  from?: number;
}

/** A stretch of typed text, counted in characters. */
export interface Span {
  start: number;
  end: number;
}

export interface Composed {
  text: string;
  spans: Span[];
}

export const BARS_A_LINE = 4;

/** Compose the typed text of some bars; `spans` tells where each bar's own text stands in it. */
export function compose(cells: readonly Cell[]): Composed {
  let text = "";
  const spans: Span[] = [];
  let inLine = 0;
  for (const cell of cells) {
    const newLine = inLine === BARS_A_LINE || (cell.section !== "" && text !== "");
    if (newLine) {
      text += " |\n";
      inLine = 0;
    }
    if (cell.section) text += `[${cell.section}] `;
    text += inLine ? " | " : "| ";
    const start = text.length;
    text += cell.text.trim() || ".";
    spans.push({ start, end: text.length });
    inLine += 1;
  }
  return { text: text ? `${text} |\n` : "", spans };
}

/** Read bars from typed text without repeats; the server's check has the last word. */
export function split(text: string): Cell[] {
  const cells: Cell[] = [];
  let section = "";
  let meter = "";
  for (const line of text.split(/[\r\n]+/)) {
    if (/^\s*(title|composer|key|tempo|style|meter|swing)\s*:/i.test(line)) continue;
    const pieces = line.split("|");
    pieces.forEach((piece, at) => {
      const found = /^\s*(?:\[([^\]]+)\]|([A-Z][1-4]?'*):)\s*/.exec(piece);
      if (found) section = found[1] ?? found[2] ?? "";
      const rest = piece.slice(found?.[0].length ?? 0).trim();
      const edge = at === 0 || at === pieces.length - 1;
      if (!rest && (edge || found)) return;
      if (at === 0 && pieces.length > 1 && /^\(?\d+\/\d+\)?$/.test(rest)) {
        meter = `${rest} `; // before the first bar line of a line: it belongs to the bar after it
        return;
      }
      cells.push({ section, text: meter + rest });
      section = "";
      meter = "";
    });
  }
  return cells;
}

/** Return bars as those of a lead sheet, in its order. */
export const numbered = (cells: readonly Cell[]): Cell[] => cells.map((cell, from) => ({ ...cell, from }));

/** Return the meter that is written at or before each bar; empty before the first one. */
export function metersOf(cells: readonly Cell[]): string[] {
  let meter = "";
  return cells.map(({ text }) => (meter = /^\s*\(?(\d+\/\d+)\)?(?=\s|$)/.exec(text)?.[1] ?? meter));
}

/** Return whether bars are still those of their lead sheet: none added, removed or of another length. */
export function keepsForm(cells: readonly Cell[], meters: readonly string[]): boolean {
  const now = metersOf(cells);
  return cells.length === meters.length && cells.every((cell, at) => cell.from === at && now[at] === meters[at]);
}

/** Return whether most bars of two forms of equal length are the same. */
export function mostlySame(one: readonly Cell[], two: readonly Cell[]): boolean {
  const plain = (cell: Cell | undefined) => cell?.text.trim() || ".";
  const same = one.filter((cell, at) => plain(cell) === plain(two[at])).length;
  return one.length === two.length && same * 2 >= one.length;
}

/** Return the bars of a checked chart as cells. */
export function cellsOf(chart: Chart): Cell[] {
  const typed = split(chart.text);
  if (typed.length === chart.bars.length && !/[:%]\||\|:/.test(chart.text)) return typed;
  let meter = "4/4";
  return chart.bars.map((bar) => {
    const beats = Number(bar.meter?.split("/")[0]) || 4;
    const signs = Array.from({ length: beats }, () => ".");
    for (const chord of bar.chords) {
      const at = Math.min(beats - 1, Math.max(0, Math.round(chord.beat) - 1));
      signs[at] = plainSymbol(chord.symbol);
    }
    const chords = bar.chords.map((chord) => plainSymbol(chord.symbol));
    const even = evenBeats(chords.length, beats);
    const plain = bar.chords.every((chord, at) => chord.beat === even[at]);
    const text = plain ? chords.join(" ") : signs.join(" ");
    const sign = bar.meter && bar.meter !== meter ? `(${bar.meter}) ` : "";
    meter = bar.meter || meter;
    return { section: bar.section ?? "", text: sign + (bar.chords.length ? text : ".") };
  });
}

/** Return the beats of chords that share a bar: the first ones get the beats that remain. */
function evenBeats(chords: number, beats: number): number[] {
  const each = Math.floor(beats / chords);
  const more = beats % chords;
  return Array.from({ length: chords }, (_, at) => 1 + at * each + Math.min(at, more));
}

/** Return a symbol with its signs as they are typed. */
export function plainSymbol(symbol: string): string {
  return symbol.replaceAll("♭", "b").replaceAll("♯", "#").replaceAll("△", "maj").replaceAll("ø", "m7b5");
}

/** Return typed words as they are printed. */
export function printed(words: string): string {
  return words
    .replace(/(^|[\s/(])([A-G])b/g, "$1$2♭")
    .replace(/(^|[\s/(])([A-G])#/g, "$1$2♯")
    .replace(/b(?=5|9|13|6)/g, "♭")
    .replace(/#(?=5|9|11|4)/g, "♯");
}

/** Return a title with its keys as they are printed: `Blues in B♭`. */
export function printedTitle(title: string): string {
  return title.replace(/\b([A-G])b\b/g, "$1♭").replace(/\b([A-G])#/g, "$1♯");
}

/** Return the bar in which a character of the text stands, or -1. */
export function barAt(spans: readonly Span[], at: number): number {
  return spans.findIndex((span) => at >= span.start && at < Math.max(span.end, span.start + 1));
}

/** Return the problems of each bar, their places counted from the start of the bar's own text. */
export function problemsByBar(
  problems: readonly Problem[],
  spans: readonly Span[],
): Map<number, Problem[]> {
  const found = new Map<number, Problem[]>();
  for (const problem of problems) {
    let bar = typeof problem.start === "number" ? barAt(spans, problem.start) : -1;
    if (bar < 0 && typeof problem.bar === "number") bar = problem.bar - 1;
    const span = spans[bar];
    if (!span) continue;
    const start = typeof problem.start === "number" ? problem.start - span.start : 0;
    const end = typeof problem.end === "number" ? problem.end - span.start : span.end - span.start;
    found.set(bar, [...(found.get(bar) ?? []), { ...problem, start, end }]);
  }
  return found;
}

/** Return whether each bar only repeats the one before it. */
export function repeats(cells: readonly Cell[]): boolean[] {
  return cells.map((cell, at) => {
    const text = cell.text.trim();
    if (text === "%" || text === "." || text === "/" || text === "") return at > 0;
    const before = cells[at - 1];
    return before !== undefined && before.text.trim() === text && !/[%.]/.test(text);
  });
}

/** Bars that soloist and drummer play in turn; half of a form that is shorter than two such turns. */
const TRADED = 4;

/** Return the written bars at which the drummer begins to play alone. */
export function drumsBegin(bars: readonly MusicBar[]): number[] {
  const fours = bars.filter((bar) => bar.place === "fours");
  const first = fours[0]?.written ?? 0;
  const turn = fours.length >= 2 * TRADED ? TRADED : Math.max(1, Math.floor(fours.length / 2));
  const found: number[] = [];
  for (let at = turn; at < fours.length; at += 2 * turn) found.push(first + at);
  return found;
}
