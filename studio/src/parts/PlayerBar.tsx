// The player: transport, what sounds now, position, speed, and who is heard.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { step, togglePlay, toggleLoop } from "../actions";
import { printed } from "../chart";
import { nudge, onFrame } from "../clock";
import { clampRate, FASTEST, SLOWEST } from "../player/clock";
import { chart, draft, notice, nowBar, nowChord, player, take } from "../state";
import type { Output } from "../player/index";
import type { Role } from "../types";

export const ROLES: readonly [Role, string][] = [
  ["solo", "solo"],
  ["chords", "piano"],
  ["bass", "bass"],
  ["drums", "drums"],
  ["click", "click"],
];
const more = signal(false);

const clock = (seconds: number) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

export function toggleMute(role: Role): void {
  const sound = player.value;
  if (!sound) return;
  const muted = new Set(sound.muted.value);
  if (!muted.delete(role)) muted.add(role);
  sound.muted.value = muted;
}

export function changeSpeed(by: number): void {
  const sound = player.value;
  if (!sound) return;
  sound.speed.value = Math.round(clampRate(sound.speed.value + by) * 100) / 100;
}

export function PlayerBar() {
  const sound = player.value;
  const music = take.value?.music;
  const state = sound?.state.value ?? "unloaded";
  const on = state === "playing";
  const ready = Boolean(sound && music);
  const looping = Boolean(sound?.loop.value);
  const speed = sound?.speed.value ?? 1;
  return (
    <section class={more.value ? "player open" : "player"} aria-label="Player" data-state={state}>
      <div class="tr">
        <button type="button" disabled={!ready} aria-label="Back to the beginning" onClick={() => { sound?.seek(sound.loop.value?.from ?? 0); nudge(); }}>
          <svg class="i" viewBox="0 0 24 24" aria-hidden="true"><path d="M5 4h3v16H5zM20 4v16L9 12z" /></svg>
        </button>
        <button class="big" type="button" disabled={!ready} aria-label={on ? "Pause" : "Play"} aria-busy={state === "loading" || undefined} onClick={togglePlay}>
          <svg class="i" viewBox="0 0 24 24" aria-hidden="true"><path d={on ? "M5 4h5v16H5zM14 4h5v16h-5z" : "M6 3v18l15-9z"} /></svg>
        </button>
        <button type="button" disabled={!ready} aria-label="Loop the selected bars" aria-pressed={looping} onClick={toggleLoop}>
          <svg class="i" viewBox="0 0 24 24" aria-hidden="true"><path class="drawn" d="M7 7h9a4 4 0 0 1 0 10H8m3-4-4 4 4 4M4 11a4 4 0 0 1 3-4" /></svg>
        </button>
      </div>
      <Now />
      <Position seconds={music?.seconds ?? 0} />
      <button type="button" class="unfold" aria-expanded={more.value} onClick={() => (more.value = !more.value)}>
        {more.value ? "less" : "more"}
      </button>
      <div class="rate">
        <label>
          <span>speed</span>
          <input
            type="range"
            min={SLOWEST * 100}
            max={FASTEST * 100}
            step={1}
            value={Math.round(speed * 100)}
            disabled={!sound}
            aria-valuetext={`${Math.round(speed * 100)} percent`}
            onInput={(event) => sound && (sound.speed.value = Number(event.currentTarget.value) / 100)}
          />
          <output>{Math.round(speed * 100)} %</output>
        </label>
        <div class="second">
        <label class="faster">
          <span class="vh">faster each time round the loop</span>
          <select
            disabled={!sound}
            value={String(sound?.faster.value ?? 0)}
            onChange={(event) => sound && (sound.faster.value = Number(event.currentTarget.value))}
          >
            <option value="0">+0 % a round</option>
            <option value="0.02">+2 % a round</option>
            <option value="0.05">+5 % a round</option>
            <option value="0.1">+10 % a round</option>
          </select>
        </label>
        <Out />
        <button type="button" disabled={!sound} aria-pressed={Boolean(sound?.countIn.value)} onClick={() => sound && (sound.countIn.value = !sound.countIn.value)}>
          count-in
        </button>
        </div>
      </div>
      <div class="mix" role="group" aria-label="Who is heard">
        {ROLES.map(([role, word]) => (
          <button key={role} type="button" disabled={!sound} aria-pressed={sound ? !sound.muted.value.has(role) : role !== "click"} onClick={() => toggleMute(role)}>
            {word}
          </button>
        ))}
      </div>
    </section>
  );
}

const outputs = signal<readonly Output[] | null>(null);
const ASK = "?";

/** Who plays: the synthesiser here, or a MIDI instrument. */
function Out() {
  const sound = player.value;
  const choose = async (select: HTMLSelectElement) => {
    if (!sound) return;
    if (select.value !== ASK) {
      sound.midiOut.value = select.value || null;
      return;
    }
    select.value = sound.midiOut.value ?? "";
    try {
      const found = await sound.midiOutputs();
      outputs.value = found;
      if (!found.length) notice.value = { text: "No MIDI instrument is connected; connect one and choose MIDI again." };
      else if (found.length === 1) sound.midiOut.value = found[0]!.id;
    } catch (error) {
      notice.value = { text: error instanceof Error ? error.message : String(error) };
    }
  };
  return (
    <label class="out">
      <span class="vh">played by</span>
      <select disabled={!sound} value={sound?.midiOut.value ?? ""} onChange={(event) => void choose(event.currentTarget)}>
        <option value="">sound here</option>
        {(outputs.value ?? []).map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
        <option value={ASK}>MIDI …</option>
      </select>
    </label>
  );
}

function Now() {
  const music = take.value?.music;
  const chord = music?.chords[nowChord.value];
  const next = music?.chords[nowChord.value + 1];
  const bar = music?.bars[nowBar.value];
  const said = bar
    ? bar.written !== null ? `bar ${bar.written + 1}` : bar.place
    : music ? `${music.bars.filter((one) => one.written !== null).length} bars` : `${draft.value.cells.length} bars`;
  const first = music?.chords[0]?.symbol ?? chart.value?.bars[0]?.chords[0]?.symbol ?? "";
  return (
    <p class="now">
      <b>{printed(chord?.symbol ?? first)}</b>
      <span>{printed(chord ? (next?.symbol ?? "") : "")}</span>
      <small>{said}</small>
    </p>
  );
}

function Position({ seconds }: { seconds: number }) {
  const slider = useRef<HTMLInputElement>(null);
  const told = useRef<HTMLSpanElement>(null);
  useEffect(
    () =>
      onFrame((at) => {
        if (slider.current && document.activeElement !== slider.current) slider.current.value = String(at);
        else if (slider.current && player.value?.state.value === "playing") slider.current.value = String(at);
        const words = clock(at);
        if (told.current && told.current.textContent !== words) told.current.textContent = words;
        slider.current?.setAttribute("aria-valuetext", words);
      }),
    [],
  );
  return (
    <div class="pos">
      <span ref={told}>0:00</span>
      <input
        ref={slider}
        type="range"
        aria-label="Position"
        min={0}
        max={seconds || 1}
        step={0.01}
        defaultValue="0"
        disabled={!seconds}
        onKeyDown={(event) => {
          if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
          event.preventDefault();
          step(event.key === "ArrowLeft" ? -1 : 1);
        }}
        onInput={(event) => {
          player.value?.seek(Number(event.currentTarget.value));
          nudge();
        }}
      />
      <span>{clock(seconds)}</span>
    </div>
  );
}

