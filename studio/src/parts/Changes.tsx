// The changes: a grid that reads like a chart, four bars a line, and is typed in.

import { useLayoutEffect, useRef } from "preact/hooks";
import {
  insertBars,
  nameSection,
  openFile,
  playFrom,
  removeBars,
  selectBars,
  typeBar,
} from "../actions";
import { BARS_A_LINE, compose, printed, repeats, split, type Cell } from "../chart";
import {
  activeBar,
  chart,
  draft,
  nowBar,
  open,
  player,
  playing,
  problems,
  selection,
  take,
  typedBar,
  written,
} from "../state";
import type { Problem } from "../types";

let clipboard: readonly Cell[] = [];
let grid: HTMLOListElement | null = null;

/** Move the keyboard to a bar of the grid. */
export function focusBar(at: number): void {
  activeBar.value = at;
  typedBar.value = -1;
  // A microtask later the grid has been drawn again, and no key is lost in between.
  queueMicrotask(() => {
    grid?.querySelector<HTMLElement>(`[data-bar="${at}"] button`)?.focus();
  });
}

/** Begin to type in a bar; beyond the last one a bar is added. */
function typeIn(at: number): void {
  if (at < 0) return;
  if (at >= draft.value.cells.length) insertBars(at, [{ section: "", text: "" }]);
  activeBar.value = at;
  typedBar.value = at;
}

export function Changes() {
  const file = useRef<HTMLInputElement>(null);
  return (
    <section class="form" aria-label="Changes">
      <div class="head">
        <h2>changes</h2>
        <nav aria-label="Open changes">
          <button type="button" onClick={() => (open.value = "songbook")}>songbook</button>
          <button type="button" onClick={() => file.current?.click()}>open a file</button>
          <button type="button" onClick={() => (open.value = "text")}>as text</button>
        </nav>
        <input
          ref={file}
          class="vh"
          type="file"
          tabIndex={-1}
          aria-label="Open a file of changes"
          accept=".ls,.mid,.midi,.musicxml,.xml,.mxl,.mscz,.mscx,.html,.txt,.json,.ireal,.cho,.crd,.pro,.abc,.krn,.jazz,.lab,.jams,.csv,.sgu,.mgu"
          onChange={(event) => {
            const chosen = event.currentTarget.files?.[0];
            if (chosen) void openFile(chosen);
            event.currentTarget.value = "";
          }}
        />
      </div>
      <Grid />
      <Tools />
    </section>
  );
}

/** Return for each bar of the form whether it is among the selected bars of the solo. */
function selectedBars(): Set<number> {
  const bars = selection.value;
  const found = new Set<number>();
  if (!bars) return found;
  for (let at = bars.from; at <= bars.to; at += 1) {
    const form = take.value ? written.value[at]?.form : at;
    if (form !== null && form !== undefined) found.add(form);
  }
  return found;
}

/** Select bars of the form: in the chorus that is heard, else in the one that is selected. */
function selectForm(one: number, two: number): void {
  if (!take.value) {
    selectBars(one, two);
    return;
  }
  const bars = take.value.music.bars;
  const chorus =
    bars[nowBar.value]?.chorus ??
    written.value[selection.value?.from ?? 0]?.chorus ??
    written.value[0]?.chorus ??
    1;
  const find = (form: number) =>
    written.value.findIndex((bar) => bar.chorus === chorus && bar.form === form);
  const from = find(one);
  const to = find(two);
  if (from >= 0 && to >= 0) selectBars(from, to);
}

function Grid() {
  const cells = draft.value.cells;
  const wrong = problems.value;
  const same = repeats(cells);
  const selected = selectedBars();
  const now = take.value?.music.bars[nowBar.value]?.form ?? -1;
  const drag = useRef<{ from: number; to: number; moved: boolean } | null>(null);

  const barUnder = (event: PointerEvent): number => {
    const under = document.elementFromPoint(event.clientX, event.clientY);
    const bar = under?.closest<HTMLElement>(".grid [data-bar]")?.dataset["bar"];
    return bar === undefined ? -1 : Number(bar);
  };

  const keys = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (target.tagName !== "BUTTON") return;
    const at = activeBar.value;
    const move = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -BARS_A_LINE, ArrowDown: BARS_A_LINE, Home: -at, End: cells.length - 1 - at }[event.key];
    if (move !== undefined && !event.ctrlKey && !event.altKey && !event.metaKey) {
      const to = Math.max(0, Math.min(cells.length - 1, at + move));
      if (event.shiftKey) {
        const bars = [...selected];
        const anchor = drag.current?.from ?? (bars.length && bars.includes(at) ? (at === bars[0] ? bars.at(-1)! : bars[0]!) : at);
        selectForm(anchor, to);
      }
      focusBar(to);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      if (event.ctrlKey || event.metaKey) removeChosen();
      else typeBar(at, "");
    } else if (event.key === "Insert") {
      insertBars(at + 1, [{ section: "", text: "" }]);
      focusBar(at + 1);
    } else if (event.key === "h") hear(at);
    else if (event.key === "F2") typeIn(at);
    else if (/^[A-G%N/(.]$/i.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
      typeBar(at, event.key);
      typeIn(at);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <ol
      class="grid"
      ref={(element) => {
        grid = element;
      }}
      onKeyDown={keys}
      onCopy={(event) => {
        if ((event.target as HTMLElement).tagName === "INPUT") return;
        clipboard = chosenCells();
        event.clipboardData?.setData("text/plain", compose(clipboard).text);
        event.preventDefault();
      }}
      onPaste={(event) => {
        if ((event.target as HTMLElement).tagName === "INPUT") return;
        const text = event.clipboardData?.getData("text/plain") ?? "";
        if (!text.includes("|")) return;
        event.preventDefault();
        event.stopPropagation();
        insertBars(activeBar.value + 1, split(text), "paste bars");
      }}
      onPointerDown={(event) => {
        if (event.button !== 0 || (event.target as HTMLElement).tagName === "INPUT") return;
        const at = barUnder(event);
        if (at < 0) return;
        if (event.shiftKey) {
          selectForm(activeBar.value, at);
          drag.current = { from: at, to: at, moved: true };
        } else drag.current = { from: at, to: at, moved: false };
      }}
      onPointerMove={(event) => {
        const now = drag.current;
        if (!now || !(event.buttons & 1)) return;
        const at = barUnder(event);
        if (at < 0 || at === now.to) return;
        drag.current = { ...now, to: at, moved: true };
        selectForm(now.from, at);
      }}
      onPointerUp={() => {
        const now = drag.current;
        if (!now?.moved) drag.current = null;
      }}
      onClickCapture={(event) => {
        if (!drag.current?.moved) return;
        drag.current = null;
        event.stopPropagation();
        event.preventDefault();
      }}
    >
      {cells.map((cell, at) => {
        const names = [
          at === now ? "now" : "",
          selected.has(at) ? "sel" : "",
          wrong.has(at) ? "wrong" : "",
          tightness(cell.text),
          cell.section.length > 2 ? "named" : "",
        ];
        return (
          <li key={at} data-bar={at} class={names.filter(Boolean).join(" ")}>
            {cell.section && <b>{cell.section}</b>}
            {typedBar.value === at ? (
              <Typing at={at} text={cell.text} problems={wrong.get(at) ?? []} />
            ) : (
              <button
                type="button"
                tabIndex={activeBar.value === at ? 0 : -1}
                aria-invalid={wrong.has(at) || undefined}
                aria-current={at === now || undefined}
                onFocus={() => (activeBar.value = at)}
                onClick={() => typeIn(at)}
              >
                <small class="vh">bar {at + 1}: </small>
                {same[at] ? <span>%</span> : <Symbols text={cell.text} problems={wrong.get(at) ?? []} />}
              </button>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function tightness(text: string): string {
  const letters = text.replaceAll(/\s*\.\s*/g, "").length;
  return letters > 13 ? "tighter" : letters > 8 ? "tight" : letters > 6 ? "snug" : "";
}

function Symbols({ text, problems: wrong }: { text: string; problems: readonly Problem[] }) {
  const words = [...text.matchAll(/\S+/g)];
  return (
    <>
      {words.map((word) => {
        const start = word.index;
        const end = start + word[0].length;
        const bad = wrong.some((one) => (one.start ?? 0) < end && (one.end ?? 0) > start);
        const meter = /^\(?(\d+\/\d+)\)?$/.exec(word[0]);
        if (meter) return <i key={start}>{meter[1]}</i>;
        if (word[0] === "." || word[0] === "/") return <i key={start}>·</i>;
        return (
          <span key={start} class={bad ? "bad" : ""}>
            {printed(word[0])}
          </span>
        );
      })}
    </>
  );
}

function Typing({ at, text, problems: wrong }: { at: number; text: string; problems: readonly Problem[] }) {
  const input = useRef<HTMLInputElement>(null);
  const before = useRef(text);
  useLayoutEffect(() => {
    input.current?.focus();
    if (input.current && input.current.value.length > 1) input.current.select();
  }, []);
  const nearest = wrong[0]?.nearest ?? [];

  const keys = (event: KeyboardEvent & { currentTarget: HTMLInputElement }) => {
    const { selectionStart, selectionEnd, value } = event.currentTarget;
    const edge = (side: number) => selectionStart === side && selectionEnd === side;
    const digit = event.altKey ? Number(event.code.replace("Digit", "")) : 0;
    if (digit >= 1 && digit <= nearest.length) takeNearest(at, wrong[0]!, nearest[digit - 1]!);
    else if (event.key === "ArrowDown" && nearest[0]) takeNearest(at, wrong[0]!, nearest[0]);
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) focusBar(at);
    else if (event.key === "Escape") {
      if (value !== before.current) typeBar(at, before.current);
      focusBar(at);
    } else if (event.key === "Tab") {
      const next = at + (event.shiftKey ? -1 : 1);
      if (next < 0 || next >= draft.value.cells.length) {
        typedBar.value = -1;
        return;
      }
      typeIn(next);
    } else if (event.key === "|") typeIn(at + 1);
    else if (event.key === "ArrowLeft" && edge(0) && at > 0) typeIn(at - 1);
    else if (event.key === "ArrowRight" && edge(value.length) && at + 1 < draft.value.cells.length) typeIn(at + 1);
    else if (event.key === "ArrowUp" && at >= BARS_A_LINE) typeIn(at - BARS_A_LINE);
    else if (event.key === "ArrowDown" && at + BARS_A_LINE < draft.value.cells.length) typeIn(at + BARS_A_LINE);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <span class="typing">
      <Mirror text={text} problems={wrong} />
      <input
        ref={input}
        value={text}
        aria-label={`bar ${at + 1}`}
        aria-invalid={wrong.length > 0 || undefined}
        aria-describedby="bar-says"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        enterkeyhint="next"
        onInput={(event) => typeBar(at, event.currentTarget.value)}
        onKeyDown={keys}
        onBlur={() => {
          if (typedBar.value === at) typedBar.value = -1;
        }}
      />
    </span>
  );
}

/** The typed text again behind the field, so that a part of it can be underlined. */
function Mirror({ text, problems: wrong }: { text: string; problems: readonly Problem[] }) {
  const one = wrong[0];
  if (!one) return null;
  const start = Math.max(0, one.start ?? 0);
  const end = Math.max(start, Math.min(text.length, one.end ?? text.length));
  return (
    <span class="mirror" aria-hidden="true">
      {text.slice(0, start)}
      <u>{text.slice(start, end) || " "}</u>
    </span>
  );
}

function takeNearest(at: number, problem: Problem, symbol: string): void {
  const text = draft.value.cells[at]?.text ?? "";
  const start = problem.start ?? 0;
  const end = Math.min(text.length, problem.end ?? text.length);
  typeBar(at, text.slice(0, start) + symbol + text.slice(end));
}

/** The bars that the tools act on: the selected ones of the form, else the active one. */
function chosen(): { from: number; to: number } {
  const bars = [...selectedBars()].sort((one, two) => one - two);
  if (bars.length && bars.includes(activeBar.value)) return { from: bars[0]!, to: bars.at(-1)! };
  return { from: activeBar.value, to: activeBar.value };
}

const chosenCells = () => {
  const { from, to } = chosen();
  return draft.value.cells.slice(from, to + 1);
};

function removeChosen(): void {
  const { from, to } = chosen();
  removeBars(from, to);
  selection.value = null;
  focusBar(Math.max(0, Math.min(from, draft.value.cells.length - 1)));
}

/** Let the chords of a bar be heard, one after another where it has several. */
function hear(at: number): void {
  const chords = chart.value?.bars[at]?.chords ?? [];
  chords.forEach((chord, index) => {
    setTimeout(() => player.value?.chord(chord.pitches), index * 600);
  });
}

/** A problem's sentence without the place, which the grid shows. */
const short = (problem: Problem) =>
  problem.message.replace(/^typed changes(, bar \d+)?: /, "").replace(/; the nearest known are [^;]*\.$/, "; take:");

function Tools() {
  const at = Math.min(activeBar.value, draft.value.cells.length - 1);
  const cell = draft.value.cells[at];
  const { from, to } = chosen();
  const wrong = problems.value;
  const here = wrong.get(at)?.[0];
  const elsewhere = [...wrong.keys()][0];
  const chords = chart.value?.bars[at]?.chords ?? [];
  const many = to > from;
  const bar = take.value ? written.value.find((one) => one.form === at) : undefined;
  return (
    <div class="tools">
      <div class="tools-row" role="group" aria-label={`Bar ${at + 1}`}>
        <span>{many ? `bars ${from + 1}–${to + 1}` : `bar ${at + 1}`}</span>
        <label>
          <span class="vh">section of bar {at + 1}</span>
          <select
            value={cell?.section ?? ""}
            onChange={(event) => nameSection(at, event.currentTarget.value)}
          >
            {["", "A", "B", "C", "D", "E", ...(cell && cell.section.length > 1 ? [cell.section] : [])].map((name) => (
              <option key={name} value={name}>{name || "–"}</option>
            ))}
          </select>
        </label>
        <button type="button" onClick={() => { insertBars(to + 1, [{ section: "", text: "" }]); typeIn(to + 1); }}>add</button>
        <button type="button" onClick={() => { const cells = chosenCells(); clipboard = cells; insertBars(to + 1, cells.map((one) => ({ ...one, section: "" })), "copy bars"); }}>copy</button>
        <button type="button" onClick={removeChosen}>remove</button>
        {chords.map((chord, index) => (
          <button
            key={index}
            type="button"
            class="hear"
            disabled={!player.value}
            aria-label={`hear ${chord.symbol}`}
            onClick={() => player.value?.chord(chord.pitches)}
          >
            ♪ {chord.symbol}
          </button>
        ))}
        {bar && !playing.value && (
          <button type="button" aria-label="play from this bar" onClick={() => playFrom(bar.start)}>play</button>
        )}
      </div>
      <p id="bar-says" class="says" aria-live="polite">
        {here ? (
          <>
            <span class="bad">{short(here)}</span>{" "}
            {(here.nearest ?? []).slice(0, 5).map((symbol, index) => (
              <button key={symbol} type="button" class="near" onMouseDown={(event) => event.preventDefault()} onClick={() => takeNearest(at, here, symbol)}>
                <kbd>{index === 0 ? "↓" : `Alt ${index + 1}`}</kbd> {printed(symbol)}
              </button>
            ))}
          </>
        ) : elsewhere !== undefined ? (
          <button type="button" class="near" onClick={() => typeIn(elsewhere)}>
            bar {elsewhere + 1}: {short(wrong.get(elsewhere)![0]!)}
          </button>
        ) : chart.value && chart.value.problems.length > 0 ? (
          <span class="bad">{chart.value.problems[0]?.message}</span>
        ) : (
          "Type in a bar; | or Tab goes on to the next."
        )}
      </p>
    </div>
  );
}
