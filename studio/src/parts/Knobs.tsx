// How to play: six knobs are seen, the rest unfold; each says what it does to the ear.

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { instruments, INSTRUMENT, knobs, players, set, settings, styles, tune as ofTune, type Settings } from "../state";
import { printed } from "../chart";
import type { Arrangement, Choice, Control, Knob } from "../types";

const says = signal("");
const KEYS = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"];
const OWN = ["temperature", "density", "difficulty"];

const BAND: readonly [keyof Arrangement, string, string][] = [
  ["count_in", "count-in", "Two bars of sticks before the first note."],
  ["intro", "intro", "The rhythm section plays four bars first."],
  ["head", "head", "The tune before and after the solo, where its melody is known."],
  ["fours", "fours", "Soloist and drums trade four bars each in a last chorus."],
  ["ending", "ending", "The band slows down into a held last chord."],
];

const GROUPS: readonly [string, string][] = [
  ["line", "the line"],
  ["randomness", "chance, in detail"],
  ["search", "choosing"],
];

/** What the finer controls do to the ear. */
const HEARD: Readonly<Record<string, string>> = {
  rhythm: "Higher: rhythms that surprise; lower: even, steady rhythms.",
  pitch: "Higher: stranger notes and intervals; lower: notes that one expects.",
  duration: "Higher: long and short notes mixed more freely; lower: usual lengths.",
  top_k: "A small number allows only the most usual notes: safe and plain; 0 allows all.",
  top_p: "Below 1 the rarest notes are never heard: .9 is tidy, .5 is tame.",
  min_p: "Higher keeps out notes that would sound like slips; 0 lets them in.",
  typical: "Below 1 both the dullest and the wildest notes are left out.",
  breath: "Higher: phrases and breaths as long as players'; 0: they may run on.",
  motif: "Higher: ideas come back more often; 0: none is repeated on purpose.",
  melody: "Higher: more of the tune's own melody is paraphrased; 0: none. Ballads take up half of it.",
  register: "Higher: the line rises and falls as planned; 0: it wanders.",
  softness: "Higher: the line keeps away from the instrument's lowest and highest notes.",
  manner: "Higher: one character from beginning to end; 0: it may change its mind.",
  resolve: "The last phrase comes to rest on a note of its chord.",
  effort: "Higher: more continuations are tried every four bars, and the most natural is kept; slower.",
  best_of: "So many solos are played, and the best is kept: slower, more convincing.",
};

/** Return the handlers that show what a knob does, while it is pointed at or has the keyboard. */
function explained(help: string) {
  const tell = () => (says.value = help);
  const hush = () => {
    if (says.value === help) says.value = "";
  };
  return { onMouseEnter: tell, onMouseLeave: hush, onFocusIn: tell, onFocusOut: hush };
}

interface FieldProps {
  label: string;
  help: string;
  wide?: boolean;
  children: (id: string, described: string) => ComponentChildren;
}

function Field({ label, help, wide, children }: FieldProps) {
  const id = useId();
  return (
    <div class={wide ? "field wide" : "field"} {...explained(help)}>
      <label for={id}>{label}</label>
      {children(id, `${id}-help`)}
      <span class="vh" id={`${id}-help`}>{help}</span>
    </div>
  );
}

interface PickProps {
  field: "style" | "instrument" | "player" | "key";
  label: string;
  help: string;
  none?: string;
  from: readonly Choice[];
}

function Pick({ field, label, help, none, from }: PickProps) {
  const value = settings.value[field];
  const chosen = from.find((one) => one.name === value);
  return (
    <Field label={label} help={field === "player" && chosen?.detail ? `${chosen.label}: ${chosen.detail}.` : help}>
      {(id, described) => (
        <select
          id={id}
          aria-describedby={described}
          value={value}
          onChange={(event) => set(label, { [field]: event.currentTarget.value } as Partial<Settings>)}
        >
          {none !== undefined && <option value="">{none}</option>}
          {value && !chosen && <option value={value}>{value}</option>}
          {from.map((one) => (
            <option key={one.name} value={one.name} title={one.detail}>{one.label}</option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface NumberProps {
  field: "tempo" | "choruses" | "seed" | "swing" | "expression";
  label: string;
  help: string;
  low: number;
  high: number;
  step?: number;
  empty: string;
}

function Whole({ field, label, help, low, high, step = 1, empty }: NumberProps) {
  return (
    <Field label={label} help={help}>
      {(id, described) => (
        <input
          id={id}
          type="number"
          inputMode="decimal"
          aria-describedby={described}
          min={low}
          max={high}
          step={step}
          placeholder={empty}
          value={settings.value[field]}
          onInput={(event) => {
            const value = event.currentTarget.value;
            if (event.currentTarget.validity.valid) set(label, { [field]: value } as Partial<Settings>);
          }}
        />
      )}
    </Field>
  );
}

function control(name: string, to: Control | undefined, label: string): void {
  const { [name]: _old, ...rest } = settings.value.controls;
  set(label, { controls: to === undefined ? rest : { ...rest, [name]: to } });
}

interface SlideProps {
  name: string;
  label: string;
  help: string;
  low: number;
  high: number;
  step: number;
  normal: number;
  words: (value: number) => string;
}

function Slide({ name, label, help, low, high, step, normal, words }: SlideProps) {
  const value = Number(settings.value.controls[name] ?? normal);
  return (
    <Field label={label} help={help} wide>
      {(id, described) => (
        <>
          <input
            id={id}
            type="range"
            min={low}
            max={high}
            step={step}
            value={value}
            aria-describedby={described}
            aria-valuetext={words(value)}
            onInput={(event) => {
              const to = Number(event.currentTarget.value);
              control(name, to === normal ? undefined : to, label);
            }}
            onDblClick={() => control(name, undefined, label)}
          />
          <output for={id}>{words(value)}</output>
        </>
      )}
    </Field>
  );
}

const boldness = (value: number) =>
  value === 1 ? "as players" : value < 0.6 ? "careful" : value < 1 ? "rather careful" : value > 1.4 ? "reckless" : "bold";
const notes = (value: number) =>
  value === 1 ? "as players" : value < 0.6 ? "few" : value < 1 ? "rather few" : value > 1.6 ? "torrents" : "many";
const hard = (value: number) => ["", "beginners", "easy", "medium", "hard", "all that players play"][value] ?? String(value);

export function Knobs() {
  const tune = ofTune.value;
  const style = styles.value.find((one) => one.name === tune.style)?.label ?? tune.style;
  return (
    <form class="knobs" id="knobs" aria-label="How to play" onSubmit={(event) => event.preventDefault()}>
      <h2 class="vh">how to play</h2>
      <Pick field="style" label="style" none={style ? `${style} (tune)` : "the tune’s"} from={styles.value}
        help="What the rhythm section plays: swing walks, bossa rocks in eighths, a waltz counts three." />
      <Pick field="instrument" label="plays" from={instruments.value.length ? instruments.value : [{ name: INSTRUMENT, label: "tenor sax" }]}
        help="The soloist's instrument: its sound, and the range of its notes." />
      <Pick field="player" label="like" none="nobody" from={players.value}
        help="The solo leans towards this player's phrases, range and favourite notes." />
      <Whole field="tempo" label="tempo" low={20} high={400} empty={tune.tempo ? String(Math.round(tune.tempo)) : "any"}
        help="Quarter notes a minute. The line changes with it: fast solos breathe less and swing straighter." />
      <Whole field="choruses" label="choruses" low={1} high={8} empty={String(tune.choruses)}
        help="How often the solo goes through the form." />
      <Whole field="seed" label="seed (№)" low={0} high={2 ** 53 - 1} empty="any"
        help="The number of the take: the same number plays the same solo again. Empty draws a new one." />
      <Slide name="temperature" label="bold" low={0} high={2} step={0.05} normal={1} words={boldness}
        help="Careful takes the likeliest note each time; bold leaps and surprises, and misses now and then." />
      <Slide name="density" label="notes" low={0.25} high={2.5} step={0.05} normal={1} words={notes}
        help="How many notes a bar: few leave air, many run." />
      <details class="more">
        <summary>more knobs</summary>
        <div class="knobs-more">
          <Pick field="key" label="key" none={tune.key ? `${printed(tune.key)} (tune)` : "the tune’s"} from={KEYS.map((name) => ({ name, label: name.replace("b", "♭") }))}
            help="Moves the tune and the band to this key." />
          <Whole field="swing" label="swing" low={1} high={3.5} step={0.1} empty="as players"
            help="How long the first eighth of a beat is beside the second: 1 is even, 2 is triplets." />
          <Whole field="expression" label="expression" low={0} high={1} step={0.1} empty="as players"
            help="How much timing and loudness wander, and notes are scooped, bent and shaken: 0 is plain." />
          <Slide name="difficulty" label="difficulty" low={1} high={5} step={1} normal={5} words={hard}
            help="How hard the solo is to play: easy keeps to slow notes, small steps and middle register." />
          <fieldset>
            <legend>band</legend>
            {BAND.map(([name, label, help]) => (
              <Toggle key={name} label={label} help={help} on={settings.value.arrangement[name]}
                change={(on) => set(label, { arrangement: { ...settings.value.arrangement, [name]: on } })} />
            ))}
          </fieldset>
          {GROUPS.map(([group, words]) => {
            const own = knobs.value.filter((one) => one.group === group && !OWN.includes(one.name));
            return own.length > 0 && [<h3 key={group}>{words}</h3>, ...own.map((one) => <Other key={one.name} knob={one} />)];
          })}
        </div>
      </details>
      <p class="says" aria-hidden="true">{says.value || "Rest on a knob to read what it does to the ear."}</p>
    </form>
  );
}

function Toggle({ label, help, on, change }: { label: string; help: string; on: boolean; change(on: boolean): void }) {
  const id = useId();
  return (
    <label class="toggle" {...explained(help)}>
      <input type="checkbox" checked={on} aria-describedby={id} onChange={(event) => change(event.currentTarget.checked)} />
      {label}
      <span class="vh" id={id}>{help}</span>
    </label>
  );
}

/** A control of the model that has no place of its own here. */
function Other({ knob }: { knob: Knob }) {
  const value = settings.value.controls[knob.name];
  if (typeof knob.default === "boolean") {
    return (
      <Toggle label={knob.label} help={HEARD[knob.name] ?? knob.help} on={Boolean(value ?? knob.default)}
        change={(on) => control(knob.name, on === knob.default ? undefined : on, knob.label)} />
    );
  }
  return (
    <Field label={knob.label} help={HEARD[knob.name] ?? knob.help}>
      {(id, described) => (
        <input
          id={id}
          type="number"
          min={knob.low}
          max={knob.high ?? undefined}
          step="any"
          placeholder={String(knob.default ?? "")}
          value={value === undefined ? "" : String(value)}
          aria-describedby={described}
          onInput={(event) => {
            const field = event.currentTarget;
            if (field.validity.valid) control(knob.name, field.value === "" ? undefined : Number(field.value), knob.label);
          }}
        />
      )}
    </Field>
  );
}
