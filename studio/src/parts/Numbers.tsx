// The numbers: novelty in words, and the line's statistics beside those of players.

import { take } from "../state";
import type { Statistic } from "../types";

const told = (value: number | null, { digits = 2, unit }: Statistic) =>
  value === null ? "–" : `${value.toFixed(Math.min(digits, 2))} ${unit}`;

/** What each statistic counts, for those who do not know its name. */
const MEANS: Readonly<Record<string, string>> = {
  "chord tones": "share of notes in the chord",
  "scale tones": "share of notes in the chord’s scale",
  "pitch-class entropy, 1 bar": "variety of notes, in bits",
  "pitch-class entropy, 4 bars": "variety of notes, in bits",
  "grooving similarity": "likeness of the bars’ rhythms",
  "chord irregularity": "share of runs of three chords that differ",
  "mean IOI": "time from note to note; a quarter has 24 ticks",
  range: "from the lowest note to the highest",
  steps: "share of intervals up to a whole tone",
  "leaps over a fifth": "share of intervals",
  "repeated pitches": "share of intervals",
  "swing ratio": "first eighth beside the second",
};

/** A name such as CliffordBrown_I'llRememberApril, as one reads it. */
const named = (words: string) =>
  words.replace(/(\S+?)_(\S+?)(?=[;,.]?(\s|$))/g, (_all, who: string, what: string) => `${spaced(who)}, “${spaced(what)}”`);
const spaced = (word: string) => word.replace(/([a-z.’'])(?=[A-Z0-9])/g, "$1 ");

const sentence = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1).replace(/\.$/, "")}.`;

export function Numbers() {
  const music = take.value?.music;
  if (!music) return <div class="numbers"><p class="novelty">Improvise first: then its numbers stand here.</p></div>;
  return (
    <div class="numbers" tabIndex={0} role="region" aria-label="Numbers">
      <p class="novelty">{sentence(named(music.novelty.sentence))}</p>
      <table>
        <caption class="vh">Statistics of the line beside those of players</caption>
        <thead>
          <tr>
            <th scope="col">of the line</th>
            <th scope="col">this solo</th>
            <th scope="col">players</th>
            <td aria-hidden="true" />
          </tr>
        </thead>
        <tbody>
          {music.statistics.map((one) => {
            const mine = Math.abs(one.value ?? 0);
            const theirs = Math.abs(one.players ?? 0);
            const most = Math.max(mine, theirs) || 1;
            return (
              <tr key={one.name}>
                <th scope="row">{one.name} {MEANS[one.name] && <small>{MEANS[one.name]}</small>}</th>
                <td>{told(one.value, one)}</td>
                <td>{told(one.players, one)}</td>
                <td aria-hidden="true">
                  <svg class="beside" viewBox="0 0 100 16" preserveAspectRatio="none">
                    <rect class="mine" width={(mine / most) * 100} height="6" y="1" />
                    {one.players !== null && <rect class="theirs" width={(theirs / most) * 100} height="4" y="10" />}
                  </svg>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p class="hint">Players: the solos of the Weimar Jazz Database, transcribed by ear. The upper bar is this solo’s, the lower one theirs.</p>
    </div>
  );
}
