// The middle of the page: tabs, what can be done with selected bars, downloads, score and roll.

import { compareTakes, download, otherwise, playAnew, toggleLoop, varied } from "../actions";
import { about, coming, instruments, notice, open, other, part, player, selection, tab, take, type Tab } from "../state";
import { PLAIN, type FileKind, type Printing } from "../server";
import { Notices } from "./Notices";
import { Numbers } from "./Numbers";
import { Roll } from "./Roll";
import { Score } from "./Score";

const TABS: readonly Tab[] = ["score", "numbers"];
const PARTS: readonly [string, string][] = [
  ["C", "in C"],
  ["Bb", "in B♭"],
  ["Eb", "in E♭"],
  ["F", "in F"],
];

/** Fetch a file of the take; what this installation lacks is said in a sentence. */
export function get(kind: FileKind, printing: Printing = PLAIN): void {
  const has = about.value;
  const lacks =
    has && (kind === "pdf" || kind === "png") && !has.pages.pdf
      ? (has.sentences["pdf"] ?? has.sentences["pages"] ?? "PDF and PNG need sideman[page]; MusicXML works without.")
      : has && (kind === "mp3" || kind === "wav") && !has.sound.mp3
        ? (has.sentences["mp3"] ?? "MP3 and WAV need a synthesiser; MIDI works without.")
        : "";
  if (lacks) notice.value = { text: lacks };
  else void download(kind, printing);
}

export function Main() {
  const shown = take.value;
  const bars = selection.value;
  const looping = player.value?.loop.value;
  const busy = coming.value !== null;
  return (
    <main id="score" tabIndex={-1}>
      <div class="bar">
        <div class="tabs" role="tablist" aria-label="Views">
          {TABS.map((one) => (
            <button
              key={one}
              type="button"
              role="tab"
              id={`tab-${one}`}
              aria-selected={tab.value === one}
              aria-controls="view"
              tabIndex={tab.value === one ? 0 : -1}
              onClick={() => (tab.value = one)}
              onKeyDown={(event) => {
                if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
                event.stopPropagation();
                event.preventDefault();
                tab.value = one === "score" ? "numbers" : "score";
                requestAnimationFrame(() => document.getElementById(`tab-${tab.value}`)?.focus());
              }}
            >
              {one}
            </button>
          ))}
        </div>
        <p class="keep">
          <label>
            <span class="vh">written for</span>
            <select value={part.value} onChange={(event) => (part.value = event.currentTarget.value)}>
              {PARTS.map(([name, label]) => <option key={name} value={name}>{label}</option>)}
              {instruments.value.map((one) => <option key={one.name} value={one.name}>for {one.label}</option>)}
            </select>
          </label>
          {shown && bars ? (
            <>
              <span>{bars.from === bars.to ? `bar ${bars.from + 1}` : `bars ${bars.from + 1}–${bars.to + 1}`}</span>
              <button type="button" aria-pressed={Boolean(looping)} disabled={!player.value} title="These bars again and again (l)" onClick={toggleLoop}>loop</button>
              <button type="button" disabled={busy} title="New notes in these bars; the rest stays (a)" onClick={() => void playAnew()}>play anew</button>
            </>
          ) : (
            <>
              <button type="button" disabled={busy || !shown} title="All that was asked for, with another seed (o)" onClick={() => void otherwise()}>another take</button>
              <button type="button" disabled={busy || !shown} title="Half of the bars anew, chosen at random; the rest stays (v)" onClick={() => void varied()}>vary</button>
            </>
          )}
          {other.value && (
            <button type="button" title="The take before, at the same beat" onClick={compareTakes}>
              ⇄ № {other.value.music.seed}<kbd aria-hidden="true">c</kbd>
            </button>
          )}
        </p>
        <p class="get">
          {(["mid", "musicxml", "pdf", "mp3"] as const).map((kind) => (
            <button key={kind} type="button" disabled={!shown} onClick={() => get(kind)}>{NAMES[kind]}</button>
          ))}
          <button type="button" disabled={!shown} onClick={() => (open.value = "files")}>more<span class="vh"> files</span></button>
          <button type="button" onClick={() => (open.value = "link")}>link</button>
        </p>
      </div>
      <Notices />
      <div id="view" role="tabpanel" aria-labelledby={`tab-${tab.value}`}>
        {tab.value === "score" ? <Score /> : <Numbers />}
      </div>
      <Roll />
    </main>
  );
}

export const NAMES: Record<FileKind, string> = {
  mid: "MIDI",
  musicxml: "MusicXML",
  pdf: "PDF",
  png: "PNG",
  mp3: "MP3",
  wav: "WAV",
  ls: ".ls",
  json: "JSON",
};
