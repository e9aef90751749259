// The sleeve: title, players, tempo, the take's number, and its picture.

import { useComputed } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { printed, printedTitle } from "../chart";
import { COVER, COVER_BOX, pathOf, rowsOf, skyline, sleeveOf } from "../cover";
import { cut, fit, MOST_WORDS } from "../fit";
import { coming, draft, instruments, linked, settings, shownTitle, take, tune } from "../state";
import type { Kind } from "../types";

const KINDS: readonly [Kind, string][] = [
  ["chord", "c"],
  ["scale", "s"],
  ["approach", "a"],
  ["outside", "o"],
  ["none", "c"],
];

export function Sleeve() {
  const music = take.value?.music;
  const seed = music?.seed ?? linked.value?.seed ?? null;
  const how = settings.value;
  const instrument =
    music?.instrument ??
    instruments.value.find((one) => one.name === how.instrument)?.label ??
    how.instrument;
  const tempo = Math.round(music?.tempo ?? (Number(how.tempo) || tune.value.tempo));
  const key = printed(music?.key ?? (how.key || tune.value.key));
  const like = music ? music.player : how.player;
  return (
    <header class="sleeve" data-sleeve={seed === null ? 0 : sleeveOf(seed)}>
      <p class="label">
        <strong>sideman</strong>
        <span>{music?.composer || (!music && tune.value.composer) || "stereo"}</span>
        <span class="no">{seed === null ? "№ –" : `№ ${seed}`}</span>
      </p>
      <Title />
      <p class="band">
        <b>{instrument}</b>
        <span>piano</span>
        <span>bass</span>
        <span>drums</span>
        <i>
          {[tempo && `${tempo} to the quarter`, key && `in ${key}`, like && `like ${like}`].filter(Boolean).join(", ") || " "}
        </i>
      </p>
      <Skyline />
    </header>
  );
}

/** The highest title, in its width and in the height of the window. */
const HIGHEST = 0.92;
const MOST_OF_WINDOW = 0.28;
/** In a column beside the score the knobs need their place too. */
const MOST_BESIDE = 0.24;
const MOST_IN_SHORT = 0.19;
const SHORT = 960;
/** The smallest letters, in pixels: a longer title is cut off. */
const SMALLEST = 26;
const ONE_COLUMN = 820;

function Title() {
  const box = useRef<HTMLHeadingElement>(null);
  const gauge = useRef<HTMLSpanElement>(null);
  const title = shownTitle.value;
  const [ready, setReady] = useState(0);
  const words = useMemo(() => printedTitle(title).toLowerCase().split(/\s+/).filter(Boolean), [title]);
  const [set, setSet] = useState<{ lines: string[]; size: number }>({ lines: [], size: 0 });

  useLayoutEffect(() => {
    const again = () => setReady((count) => count + 1);
    const watch = new ResizeObserver(again);
    if (box.current) watch.observe(box.current);
    document.fonts.ready.then(again, again);
    return () => watch.disconnect();
  }, []);

  useLayoutEffect(() => {
    const place = box.current;
    const letters = gauge.current;
    if (!place || !letters) return;
    const width = (text: string) => {
      letters.textContent = text;
      return letters.getBoundingClientRect().width / 100;
    };
    const beside = innerHeight > SHORT ? MOST_BESIDE : MOST_IN_SHORT;
    const share = innerWidth > ONE_COLUMN ? beside : MOST_OF_WINDOW;
    const space = width("n n") - width("nn");
    const room = {
      width: place.clientWidth,
      height: Math.min(HIGHEST * place.clientWidth, innerHeight * share),
      largest: 400,
    };
    const pieces = words.flatMap((word) => cut(word, width, place.clientWidth / SMALLEST));
    const lay = (count: number) => {
      const some = count < pieces.length ? [...pieces.slice(0, count - 1), "…"] : pieces;
      return fit(some, some.map(width), space, room);
    };
    let count = Math.min(pieces.length, MOST_WORDS);
    let found = lay(count);
    while (found.size < SMALLEST && count > 2) found = lay((count -= 1));
    letters.textContent = "";
    if (found.size !== set.size || found.lines.join() !== set.lines.join()) setSet(found);
  });
  void ready;

  return (
    <h1 ref={box} aria-label={title}>
      <span class="gauge" ref={gauge} aria-hidden="true" />
      <span class="lines" aria-hidden="true" style={{ fontSize: `${set.size}px` }}>
        {set.lines.map((line, at) => (
          <span key={at}>{line}</span>
        ))}
      </span>
    </h1>
  );
}

function Skyline() {
  const blocks = useComputed(() => (take.value ? skyline(take.value.music) : []));
  const on = coming.value;
  const bars = on ? on.of : take.value ? 0 : draft.value.cells.length * (Number(settings.value.choruses) || draft.value.choruses);
  if (on || !take.value) {
    return (
      <svg class="skyline" viewBox={COVER_BOX} preserveAspectRatio="none" aria-hidden="true">
        <path class="s" d={horizon(bars, 0, bars)} />
        {on && <path class="o" d={horizon(bars, 0, on.done)} />}
      </svg>
    );
  }
  return (
    <svg
      class="skyline drawn"
      key={take.value.id}
      viewBox={COVER_BOX}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {KINDS.map(([kind, name]) => (
        <path key={kind} class={name} d={pathOf(blocks.value.filter((one) => one.kind === kind))} />
      ))}
    </svg>
  );
}

/** The empty bars of a take that is not there yet, as low blocks in rows. */
function horizon(bars: number, from: number, to: number): string {
  if (!bars) return "";
  const rows = rowsOf(bars);
  const perRow = Math.ceil(bars / rows);
  const width = Math.max(2.5, COVER.width / perRow);
  const height = COVER.height / rows;
  const wide = Math.max(0.5, width - 2).toFixed(1);
  let path = "";
  for (let bar = from; bar < to; bar += 1) {
    const x = (bar % perRow) * width;
    const y = (Math.floor(bar / perRow) + 1) * height - 5;
    path += `M${(x + 1).toFixed(1)} ${y.toFixed(1)}h${wide}v5h-${wide}z`;
  }
  return path;
}
