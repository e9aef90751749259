// Every solo that was played, as small covers.

import { changeTake, olderTakes, openTake, removeTake } from "../actions";
import { COVER_BOX, pathOf, skyline, sleeveOf } from "../cover";
import { printedTitle } from "../chart";
import { coming, older, playing, take, takes } from "../state";
import type { TakeSummary } from "../types";

const SIDE = 56;
const THUMBNAIL = `0 0 ${SIDE} ${SIDE}`;
/** A thumbnail shows how the solo begins: more notes would be a grey mass. */
const MOST_NOTES = 40;

export function Takes() {
  const shown = take.value;
  const all = takes.value;
  return (
    <nav class="takes" aria-label="Takes">
      <h2>takes</h2>
      {all.length === 0 && !coming.value && <p class="hint">Every solo is kept here.</p>}
      <ul>
        {coming.value && <Coming />}
        {all.map((one) => (
          <li key={one.id} class={one.id === shown?.id && !coming.value ? "on" : ""}>
            <button
              type="button"
              class="open"
              aria-current={one.id === shown?.id || undefined}
              onClick={() => one.id !== shown?.id && void openTake(one.id)}
            >
              <Cover of={one} />
              <strong>
                {one.starred && <span aria-label="starred">★ </span>}
                {one.name || `№ ${one.seed}`}
              </strong>
              <em>{one.id === shown?.id && playing.value ? "now playing" : printedTitle(one.title)}</em>
              {one.note && one.id !== shown?.id && <em>{one.note}</em>}
            </button>
            {one.id === shown?.id && !coming.value && <Details of={one} />}
          </li>
        ))}
      </ul>
      {older.value && (
        <button type="button" class="near" onClick={() => void olderTakes()}>older ones</button>
      )}
    </nav>
  );
}

/** The place of a take that is on its way, as large as it will be. */
function Coming() {
  const { done, of } = coming.value ?? { done: 0, of: 1 };
  return (
    <li class="on" aria-hidden="true">
      <span class="open">
        <svg viewBox={THUMBNAIL} preserveAspectRatio="none">
          <rect y={SIDE - 6} height="6" width={(SIDE * done) / Math.max(1, of)} />
        </svg>
        <strong>№ …</strong>
        <em>{done} of {of} bars</em>
      </span>
      <div class="details" />
    </li>
  );
}

function Details({ of }: { of: TakeSummary }) {
  return (
    <div class="details">
      <input
        value={of.name}
        placeholder="name"
        aria-label="name of the take"
        maxLength={80}
        onChange={(event) => void changeTake(of.id, { name: event.currentTarget.value }, "name a take")}
      />
      <input
        value={of.note}
        placeholder="note"
        aria-label="note on the take"
        maxLength={500}
        onChange={(event) => void changeTake(of.id, { note: event.currentTarget.value }, "note on a take")}
      />
      <p>
        <button type="button" aria-pressed={of.starred} onClick={() => void changeTake(of.id, { starred: !of.starred }, "star a take")}>
          {of.starred ? "★ starred" : "☆ star"}
        </button>
        <button type="button" onClick={() => void removeTake(of.id)}>delete</button>
      </p>
    </div>
  );
}

function Cover({ of }: { of: TakeSummary }) {
  const shown = take.value;
  if (!of.cover.length && shown?.id === of.id) {
    return (
      <svg viewBox={COVER_BOX} preserveAspectRatio="none" data-sleeve={sleeveOf(of.seed)} aria-hidden="true">
        <path d={pathOf(skyline(shown.music))} />
      </svg>
    );
  }
  const notes = of.cover.slice(0, MOST_NOTES);
  const right = Math.max(...notes.map(([x, width]) => x + width));
  const top = Math.max(...notes.map(([, , height]) => height)) || 1; // one pitch alone: 0
  const blocks = notes.map(([x, width, height]) => ({
    x: (x / right) * SIDE,
    y: SIDE - (height / top) * (SIDE - 6),
    width: Math.max(0.6, (width / right) * SIDE),
    height: (height / top) * (SIDE - 6),
    kind: "chord" as const,
  }));
  return (
    <svg viewBox={THUMBNAIL} preserveAspectRatio="none" data-sleeve={sleeveOf(of.seed)} aria-hidden="true">
      <path d={pathOf(blocks)} />
    </svg>
  );
}
