// The piano roll of eight bars, in four colours and four patterns.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { playFrom } from "../actions";
import { onFrame } from "../clock";
import { chosenNote, nowBar, nowNote, playing, take } from "../state";
import type { Kind, Music, SoloNote } from "../types";
import { noteSentence } from "./Score";

const BARS = 8;
const HEIGHT = 96;
const NOTE = 7;
const KINDS: readonly [Kind, string, string][] = [
  ["chord", "c", "chord"],
  ["scale", "s", "scale"],
  ["approach", "a", "approach"],
  ["outside", "o", "outside"],
];
const letterOf = (kind: Kind) => (kind === "none" ? "c" : kind[0]!);

export function Roll() {
  const music = take.value?.music;
  return (
    <div class="strip">
      {music ? <Strip music={music} /> : <svg class="roll" role="img" aria-label="Piano roll, empty" />}
      <div class="legend">
        {KINDS.map(([kind, letter, word]) => (
          <span key={kind}>
            <svg class="swatch" viewBox="0 0 12 12" aria-hidden="true"><Mark letter={letter} x={0} y={0} width={12} height={12} /></svg>
            {word}
          </span>
        ))}
        <Sentence />
      </div>
      <svg class="vh" aria-hidden="true" focusable="false">
        <defs>
          <pattern id="fill-s" width="4" height="4" patternUnits="userSpaceOnUse"><rect class="s" width="2.4" height="4" /></pattern>
          <pattern id="fill-o" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="o" width="3" height="5" /></pattern>
        </defs>
      </svg>
    </div>
  );
}

/** What a note is to its chord: the one that sounds, else the chosen one, which is also read out. */
function Sentence() {
  const solo = take.value?.music.solo;
  const sounding = playing.value ? solo?.[nowNote.value] : undefined;
  const chosen = solo?.find((one) => one.n === chosenNote.value);
  return (
    <>
      {playing.value && <span class="sounding" aria-hidden="true">{sounding && noteSentence(sounding)}</span>}
      <output class={playing.value ? "vh" : ""} aria-live="polite">{chosen && noteSentence(chosen)}</output>
    </>
  );
}

/** A note: chord notes are full, scale notes striped, approaches hollow, outside notes slanted. */
function Mark({ letter, x, y, width, height }: { letter: string; x: number; y: number; width: number; height: number }) {
  const inset = letter === "a" ? 1 : 0;
  return (
    <rect class={`mark ${letter}`} x={x + inset} y={y + inset} width={Math.max(1, width - 2 * inset)} height={height - 2 * inset} />
  );
}

function Strip({ music }: { music: Music }) {
  const root = useRef<SVGSVGElement>(null);
  const line = useRef<SVGLineElement>(null);
  const [width, setWidth] = useState(960);

  useLayoutEffect(() => {
    const element = root.current;
    if (!element) return;
    const measure = () => setWidth(Math.max(200, element.clientWidth));
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  const solo = music.bars.filter((bar) => bar.written !== null);
  const heard = music.bars[nowBar.value];
  const at = heard?.written ?? (nowBar.value >= 0 && heard && heard.start > (solo[0]?.start ?? 0) ? solo.length - 1 : 0);
  const page = Math.floor(Math.max(0, at) / BARS);
  const bars = solo.slice(page * BARS, page * BARS + BARS);
  const from = bars[0]?.start ?? 0;
  const perBar = width / BARS;
  // Bars of different seconds (a ritardando) are as wide as each other.
  const x = (seconds: number): number => {
    const index = bars.findIndex((bar) => seconds < bar.end);
    if (index < 0) return bars.length * perBar;
    const bar = bars[index]!;
    return (index + Math.max(0, seconds - bar.start) / (bar.end - bar.start)) * perBar;
  };
  const to = bars.at(-1)?.end ?? 0;
  const pitches = music.solo.map((note) => note.pitch);
  const low = Math.min(...pitches);
  const high = Math.max(...pitches, low + 1);
  const y = (pitch: number) => 6 + ((high - pitch) / (high - low)) * (HEIGHT - 12 - NOTE);
  const notes = music.solo.filter((note) => note.end > from && note.start < to);

  useEffect(
    () =>
      onFrame((seconds) => {
        const inside = seconds >= from && seconds < to;
        line.current?.setAttribute("transform", `translate(${inside ? x(seconds) : -9} 0)`);
      }),
    [music, page, width],
  );

  const press = (event: MouseEvent) => {
    const box = root.current!.getBoundingClientRect();
    const place = (event.clientX - box.left) / perBar;
    const bar = bars[Math.floor(place)];
    if (bar) playFrom(bar.start + (place % 1) * (bar.end - bar.start));
  };

  return (
    <svg
      class="roll"
      ref={root}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={sentenceOf(notes, page * BARS + 1, page * BARS + bars.length)}
      onClick={press}
    >
      {bars.map((bar, index) => (
        <line key={bar.written} class={index % 4 ? "b" : "b4"} x1={index * perBar} x2={index * perBar} y1={0} y2={HEIGHT} />
      ))}
      {notes.map((note) => (
        <Mark key={note.n} letter={letterOf(note.kind)} x={x(note.start)} y={y(note.pitch)} width={Math.max(4, x(note.end) - x(note.start) - 1)} height={NOTE} />
      ))}
      <line ref={line} class="now" x1={0} x2={0} y1={0} y2={HEIGHT} transform="translate(-9 0)" />
    </svg>
  );
}

function sentenceOf(notes: readonly SoloNote[], first: number, last: number): string {
  const count = (kind: Kind) => notes.filter((note) => note.kind === kind).length;
  return `Piano roll of bars ${first} to ${last}: ${notes.length} notes, ${count("chord")} of the chords, ${count("scale")} of the scales, ${count("approach")} approaches, ${count("outside")} outside`;
}
