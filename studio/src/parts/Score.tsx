// The engraved solo: what sounds is lit, bars are selected by dragging, a note plays from there.

import { effect } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { playFrom, selectBars } from "../actions";
import { drumsBegin, printed } from "../chart";
import { Gone } from "../server";
import { chosenNote, coming, draft, nowBar, nowChord, nowNote, notice, part, playing, selection, settings, studio, take, written } from "../state";
import { drawing, svg } from "../svg";
import type { Music, SoloNote } from "../types";

const NARROW = 620;
const FOLLOW_MARGIN = 90;

/** What the page says about one note. */
export function noteSentence(note: SoloNote): string {
  const kinds = {
    chord: "a note of the chord",
    scale: "a note of the scale",
    approach: "leads to the next note",
    outside: "outside the scale",
    none: "no chord here",
  };
  return `${printed(note.name)} over ${printed(note.chord) || "no chord"}: ${kinds[note.kind]}`;
}

export function Score() {
  const paper = useRef<HTMLDivElement>(null);
  const [bars, setBars] = useState(() => (window.innerWidth < NARROW ? 2 : 4));
  const shown = take.value;
  const on = coming.value;

  useEffect(() => {
    const element = paper.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setBars(element.clientWidth < NARROW ? 2 : 4));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  return (
    <div
      class="paper"
      ref={paper}
      role="region"
      tabIndex={0}
      aria-label={shown ? "Score; left and right choose a note, Enter plays from there" : "Score"}
      onKeyDown={shown ? (event) => chooseByKey(event, shown.music) : undefined}
    >
      {on || !shown ? <Staves bars={bars} /> : <Engraved key={`${shown.id}`} id={shown.id} music={shown.music} bars={bars} paper={paper} />}
    </div>
  );
}

function chooseByKey(event: KeyboardEvent, music: Music): void {
  const { solo } = music;
  const at = solo.findIndex((note) => note.n === chosenNote.value);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    const to = solo[Math.max(0, Math.min(solo.length - 1, at + (event.key === "ArrowRight" ? 1 : -1)))];
    if (to) {
      chosenNote.value = to.n;
      const bar = music.bars[to.bar]?.written;
      if (event.shiftKey && bar !== null && bar !== undefined) {
        const bars = selection.value;
        selectBars(bars?.from ?? bar, bar);
      }
    }
  } else if (event.key === "Enter" && at >= 0) playFrom(solo[at]!.start);
  else if (event.key === "Escape") {
    chosenNote.value = 0;
    selection.value = null;
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

interface EngravedProps {
  id: string;
  music: Music;
  bars: number;
  paper: { current: HTMLDivElement | null };
}

function Engraved({ id, music, bars, paper }: EngravedProps) {
  const holder = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<SVGSVGElement | null>(null);
  const who = part.value;

  useEffect(() => {
    const asked = new AbortController();
    const fetchScore = async (): Promise<void> => {
      try {
        const text = await studio.score(id, who, bars, asked.signal);
        if (asked.signal.aborted || !holder.current) return;
        const score = drawing(text);
        score.setAttribute("class", "score");
        score.setAttribute("role", "img");
        score.setAttribute("aria-label", `${music.title}, ${music.solo.length} notes for ${music.instrument}`);
        holder.current.replaceChildren(score);
        setDrawn(score);
      } catch (error) {
        if (asked.signal.aborted) return;
        if (error instanceof Gone) setTimeout(() => asked.signal.aborted || void fetchScore(), 1500);
        else notice.value = { text: error instanceof Error ? error.message : String(error), bad: true };
      }
    };
    void fetchScore();
    return () => asked.abort();
  }, [id, who, bars]);

  // In the same step as the score appears: a press on it is never missed.
  useLayoutEffect(() => (drawn ? light(drawn, music, paper.current) : undefined), [drawn]);

  return (
    <>
      <div ref={holder} class={drawn ? "engraved" : "engraved waiting"} />
      {!drawn && <Staves bars={bars} />}
    </>
  );
}

/** Light what sounds, mark what is chosen, and let bars and notes be pressed. */
function light(score: SVGSVGElement, music: Music, paper: HTMLElement | null): () => void {
  const byId = new Map<string, Element>();
  for (const element of score.querySelectorAll("[id]")) byId.set(element.id, element);
  const heads = music.solo.map((note) => {
    const found: Element[] = [];
    for (let tied = 1; ; tied += 1) {
      const element = byId.get(tied === 1 ? `n${note.n}` : `n${note.n}-${tied}`);
      if (!element) break;
      found.push(element);
    }
    return found;
  });
  const numbers = new Map<Element, number>();
  heads.forEach((found, at) => found.forEach((element) => numbers.set(element, at)));
  const measures: Element[] = [];
  for (let bar = 1; ; bar += 1) {
    const element = byId.get(`b${bar}`);
    if (!element) break;
    measures.push(element);
  }
  const barOf = new Map(measures.map((element, at) => [element, at]));

  const first = measures[0]?.closest(".page-margin") ?? measures[0]?.parentElement;
  const selected = svg("g", { class: "selected-bars" });
  const sounding = svg("rect", { class: "bar-light" });
  first?.prepend(selected, sounding);

  const boxOf = (bar: number): DOMRect | null => {
    const staff = measures[bar]?.querySelector(".staff > path")?.parentElement;
    const lines = [...(staff?.children ?? [])].filter((one) => one.localName === "path") as SVGPathElement[];
    const top = lines[0]?.getBBox();
    const bottom = lines.at(-1)?.getBBox();
    if (!top || !bottom) return null;
    return new DOMRect(top.x, top.y - 240, top.width, bottom.y - top.y + 480);
  };
  for (const bar of drumsBegin(music.bars)) {
    const box = boxOf(bar);
    if (!box || !first) continue;
    const rest = measures[bar]?.querySelector<SVGGElement>(".rest, .mRest")?.getBBox();
    const words = svg("text", { class: "drums", x: rest?.x ?? box.x, y: box.y + box.height + 240 });
    words.textContent = "drums";
    first.append(words);
  }

  const place = (rect: SVGElement, box: DOMRect) => {
    for (const [name, value] of Object.entries({ x: box.x, y: box.y, width: box.width, height: box.height })) {
      rect.setAttribute(name, String(value));
    }
  };

  let lit = -1;
  let litBar = -2;
  let litChord = -2;
  let chordElement: Element | null | undefined = null;
  const unlight = (at: number) => heads[at]?.forEach((element) => element.classList.remove("lit"));

  const follow = (bar: number) => {
    if (!playing.peek() || !paper) return;
    const element = measures[bar];
    if (!element) return;
    const box = element.getBoundingClientRect();
    const own = paper.scrollHeight > paper.clientHeight + 4 && getComputedStyle(paper).overflowY === "auto";
    const frame = own ? paper.getBoundingClientRect() : { top: 0, bottom: window.innerHeight - FOLLOW_MARGIN };
    if (box.top >= frame.top + 8 && box.bottom <= frame.bottom - 8) return;
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
    const by = box.top - frame.top - (own ? 24 : 60);
    (own ? paper : window).scrollBy({ top: by, behavior });
  };

  const starts = music.solo;

  const stops = [
    effect(() => {
      unlight(lit);
      lit = nowNote.value;
      heads[lit]?.forEach((element) => element.classList.add("lit"));
    }),
    effect(() => {
      const bar = music.bars[nowBar.value]?.written ?? -1;
      if (bar === litBar) return;
      litBar = bar;
      const box = bar >= 0 ? boxOf(bar) : null;
      sounding.classList.toggle("on", box !== null);
      if (box) place(sounding, box);
      if (bar >= 0) follow(bar);
    }),
    effect(() => {
      const at = nowChord.value;
      if (at === litChord) return;
      litChord = at;
      chordElement?.classList.remove("lit");
      chordElement = byId.get(`c${music.chords[at]?.n ?? 0}`);
      chordElement?.classList.add("lit");
    }),
    effect(() => {
      const bars = selection.value;
      selected.replaceChildren();
      if (!bars) return;
      for (let bar = bars.from; bar <= bars.to; bar += 1) {
        const box = boxOf(bar);
        if (!box) continue;
        const rect = svg("rect", {});
        place(rect, box);
        selected.append(rect);
      }
    }),
    effect(() => {
      const chosen = chosenNote.value;
      score.querySelectorAll(".chosen").forEach((element) => element.classList.remove("chosen"));
      const at = starts.findIndex((note) => note.n === chosen);
      heads[at]?.forEach((element) => element.classList.add("chosen"));
      heads[at]?.[0]?.scrollIntoView({ block: "nearest" });
    }),
  ];

  // Pressing a note plays from there; dragging over bars selects them.
  let from = -1;
  let moved = false;
  const barUnder = (event: PointerEvent | MouseEvent) => {
    const under = document.elementFromPoint(event.clientX, event.clientY);
    const measure = under?.closest(".measure");
    if (measure) return barOf.get(measure) ?? -1;
    // between the staff lines: the bar whose box contains the point
    return measures.findIndex((element) => {
      const box = element.querySelector(".staff")?.getBoundingClientRect();
      return (
        box !== undefined &&
        event.clientX >= box.left && event.clientX <= box.right &&
        event.clientY >= box.top - 24 && event.clientY <= box.bottom + 24
      );
    });
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    from = barUnder(event);
    moved = false;
    if (event.shiftKey && selection.peek() && from >= 0) {
      selectBars(selection.peek()!.from, from);
      moved = true;
    }
  };
  const move = (event: PointerEvent) => {
    if (from < 0 || !(event.buttons & 1)) return;
    const at = barUnder(event);
    if (at < 0 || (at === from && !moved)) return;
    moved = true;
    selectBars(from, at);
  };
  const click = (event: MouseEvent) => {
    const dragged = moved;
    from = -1;
    moved = false;
    if (dragged) return;
    const element = (event.target as Element).closest(".note");
    const at = element ? numbers.get(element) : undefined;
    const note = at === undefined ? undefined : starts[at];
    if (note) {
      chosenNote.value = note.n;
      playFrom(note.start);
      return;
    }
    const bar = barUnder(event);
    const found = written.peek()[bar];
    if (found) playFrom(found.start);
    else selection.value = null;
  };
  // On the whole sheet: while the score comes, its hidden part takes no event.
  const sheet = score.parentElement!;
  const left = new AbortController();
  const { signal } = left;
  sheet.addEventListener("pointerdown", down, { signal });
  sheet.addEventListener("pointermove", move, { signal });
  sheet.addEventListener("click", click, { signal });
  return () => {
    left.abort();
    for (const stop of stops) stop();
  };
}

// What is not there yet: empty staves, which fill bar by bar.

const STAVE = { wide: 2100, line: 245, top: 98, gap: 17.2, left: 44 };

function Staves({ bars: perLine }: { bars: number }) {
  const on = coming.value;
  const cells = draft.value.cells;
  const count = on?.of ?? (take.value ? written.value.length : cells.length * (Number(settings.value.choruses) || draft.value.choruses));
  const wide = perLine === 2 ? STAVE.wide / 2 : STAVE.wide;
  const lines = Math.ceil(count / perLine);
  const barWidth = (wide - STAVE.left * 2) / perLine;
  const height = Math.max(1, lines) * STAVE.line + 30;
  const y = (line: number) => line * STAVE.line + STAVE.top;
  let staves = "";
  for (let line = 0; line < lines; line += 1) {
    const inLine = Math.min(perLine, count - line * perLine);
    for (let each = 0; each < 5; each += 1) {
      staves += `M${STAVE.left} ${y(line) + each * STAVE.gap}h${inLine * barWidth}`;
    }
    for (let bar = 0; bar <= inLine; bar += 1) {
      staves += `M${STAVE.left + bar * barWidth} ${y(line)}v${4 * STAVE.gap}`;
    }
  }
  const done = Array.from({ length: Math.min(count, on?.done ?? 0) }, (_, at) => at);
  return (
    <svg class="score staves" viewBox={`0 0 ${wide} ${height}`} role="img" aria-label={on ? `${on.done} of ${on.of} bars are there` : "No solo yet: empty staves"}>
      <path class="stave" d={staves} />
      {done.map((at) => {
        const x = STAVE.left + (at % perLine) * barWidth;
        const top = y(Math.floor(at / perLine));
        return <path key={at} class="come" d={slashes(x, top, barWidth)} />;
      })}
      {cells.length > 0 &&
        Array.from({ length: count }, (_, at) => at).map((at) => {
          const words = cells[at % cells.length]?.text.split(/\s+/).filter((one) => /^[A-GN]/.test(one)) ?? [];
          return words.map((word, index) => (
            <text
              key={`${at}-${index}`}
              x={STAVE.left + (at % perLine) * barWidth + 16 + (index * (barWidth - 10)) / words.length}
              y={y(Math.floor(at / perLine)) - 34}
            >
              {printed(word)}
            </text>
          ));
        })}
    </svg>
  );
}

function slashes(x: number, top: number, width: number): string {
  let path = "";
  for (let beat = 0; beat < 4; beat += 1) {
    const at = x + ((beat + 0.5) * width) / 4;
    path += `M${at - 18} ${top + 3 * STAVE.gap}l24 -${2 * STAVE.gap}h12l-24 ${2 * STAVE.gap}z`;
  }
  return path;
}
