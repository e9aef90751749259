// What opens above the page: songbook, changes as text, a choice of tunes, files, link, keys.

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { checkText, findTunes, fromSongbook, fromText, linkTo, openText, requestNow, saveBlob } from "../actions";
import { printed, printedTitle } from "../chart";
import { PLAIN, type Printing } from "../server";
import { choices, composed, draft, edit, open, take } from "../state";
import type { Chart, SongbookTune } from "../types";
import { get, NAMES } from "./Main";

const CHECK_AFTER_MS = 60;
const MOST_SHOWN = 300;

export function Dialogs() {
  switch (open.value) {
    case "songbook": return <Sheet title="songbook"><Songbook /></Sheet>;
    case "text": return <Sheet title="changes as text"><AsText /></Sheet>;
    case "choose": return <Sheet title="which tune?"><Choose /></Sheet>;
    case "files": return <Sheet title="files"><Files /></Sheet>;
    case "link": return <Sheet title="link"><Link /></Sheet>;
    case "keys": return <Sheet title="keys"><Keys /></Sheet>;
    default: return null;
  }
}

function Sheet({ title, children }: { title: string; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    return () => before?.focus();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={() => (open.value = null)}
      onClick={(event) => event.target === dialog.current && (open.value = null)}
    >
      <div class="sheet">
        <div class="head">
          <h2>{title}</h2>
          <button type="button" class="close" onClick={() => (open.value = null)}>close</button>
        </div>
        {children}
      </div>
    </dialog>
  );
}

const sought = signal("");

/** Escape in a field of search empties it first; here it closes what is open. */
function closeByKey(event: KeyboardEvent): void {
  if (event.key !== "Escape") return;
  event.preventDefault();
  open.value = null;
}

function Songbook() {
  const [tunes, setTunes] = useState<readonly SongbookTune[] | null>(null);
  useEffect(() => {
    const asked = new AbortController();
    void findTunes(sought.value, asked.signal).then((found) => {
      if (found && !asked.signal.aborted) setTunes([...found].sort((one, two) => one.title.localeCompare(two.title, "en")));
    });
    return () => asked.abort();
  }, [sought.value]);
  return (
    <>
      <input
        type="search"
        class="search"
        autofocus
        value={sought.value}
        placeholder="blues, waltz, E♭ …"
        aria-label="Search the songbook by word"
        onInput={(event) => (sought.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && tunes?.[0]) void fromSongbook(tunes[0].name);
          closeByKey(event);
        }}
      />
      <ul class="tunes">
        {(tunes ?? []).map((tune) => (
          <li key={tune.name}>
            <button type="button" onClick={() => void fromSongbook(tune.name)}>
              <strong>{printedTitle(tune.title)}</strong>
              <span>{[tune.composer, printed(tune.key), `${tune.bars} bars`, tune.style].filter(Boolean).join(", ")}</span>
            </button>
          </li>
        ))}
        {tunes?.length === 0 && <li class="hint">No tune has this word; try another, or type the changes.</li>}
      </ul>
    </>
  );
}

function AsText() {
  const [text, setText] = useState(composed.value.text);
  const [title, setTitle] = useState(draft.value.title);
  const [found, setFound] = useState<Chart | null>(null);
  const [asked, setAsked] = useState(text);
  useEffect(() => {
    const late = new AbortController();
    const waiting = setTimeout(async () => {
      const told = await checkText(text, title, late.signal);
      if (late.signal.aborted || !told) return;
      if ("tunes" in told) void openText(text);
      else {
        setFound(told);
        setAsked(text);
      }
    }, CHECK_AFTER_MS);
    return () => {
      late.abort();
      clearTimeout(waiting);
    };
  }, [text, title]);
  const wrong = found && asked === text ? found.problems : [];
  const good = found !== null && asked === text && wrong.length === 0 && found.bars.length > 0;
  const field = useRef<HTMLTextAreaElement>(null);
  const use = () => {
    if (good && found) fromText({ ...found, title: title || found.title }, text);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        use();
      }}
    >
      <label class="line">title<input value={title} maxLength={200} onInput={(event) => setTitle(event.currentTarget.value)} /></label>
      <label class="line">
        changes, or a link of iReal Pro
        <textarea
          ref={field}
          autofocus
          rows={10}
          spellcheck={false}
          value={text}
          aria-invalid={wrong.length > 0 || undefined}
          aria-describedby="text-says"
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) use();
          }}
        />
      </label>
      <ul id="text-says" class="problems" aria-live="polite">
        {wrong.map((one, index) => (
          <li key={index}>
            <button type="button" class="near" onClick={() => { field.current?.focus(); field.current?.setSelectionRange(one.start ?? 0, one.end ?? one.start ?? 0); }}>{one.message}</button>{" "}
            {(one.nearest ?? []).slice(0, 4).map((symbol) => (
              <button key={symbol} type="button" class="near" onClick={() => setText(text.slice(0, one.start ?? 0) + symbol + text.slice(one.end ?? one.start ?? 0))}>{symbol}</button>
            ))}
          </li>
        ))}
        {good && found && <li class="hint">{found.bars.length} bars{found.key ? `, in ${printed(found.key)}` : ""}. Ctrl-Enter takes them.</li>}
      </ul>
      <p class="does">
        <button type="submit" disabled={!good}>take these changes</button>
        <button type="button" disabled={!title || title === draft.value.title} onClick={() => { edit("the title", { title }); open.value = null; }}>only the title</button>
      </p>
    </form>
  );
}

function Choose() {
  const [word, setWord] = useState("");
  const found = choices.value.tunes.filter((tune) =>
    `${tune.title} ${tune.composer ?? ""}`.toLowerCase().includes(word.toLowerCase()),
  );
  return (
    <>
    <input
      type="search"
      class="search"
      autofocus
      value={word}
      placeholder={`${choices.value.tunes.length} tunes`}
      aria-label="Search the tunes by word"
      onInput={(event) => setWord(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter" && found[0]) choices.value.take(found[0].title);
        closeByKey(event);
      }}
    />
    <ul class="tunes">
      {found.slice(0, MOST_SHOWN).map((tune, index) => (
        <li key={index}>
          <button type="button" onClick={() => choices.value.take(tune.title)}>
            <strong>{tune.title}</strong>
            <span>{tune.composer ?? ""}</span>
          </button>
        </li>
      ))}
      {found.length > MOST_SHOWN && <li class="hint">… and {found.length - MOST_SHOWN} more: type a word.</li>}
    </ul>
    </>
  );
}

const printing = signal<Printing>(PLAIN);

function Files() {
  const chosen = printing.value;
  const choose = (change: Partial<Printing>) => (printing.value = { ...chosen, ...change });
  return (
    <>
      <label class="line">
        page dedicated to
        <input value={chosen.dedication} maxLength={80} placeholder="nobody" onInput={(event) => choose({ dedication: event.currentTarget.value })} />
      </label>
      <label class="toggle">
        <input type="checkbox" checked={chosen.whole} onChange={(event) => choose({ whole: event.currentTarget.checked })} />
        with head and ending
      </label>
      <label class="toggle">
        <input type="checkbox" checked={chosen.handwritten} onChange={(event) => choose({ handwritten: event.currentTarget.checked })} />
        handwritten
      </label>
      <ul class="files">
        {(["pdf", "png", "musicxml", "mid", "mp3", "wav", "ls", "json"] as const).map((kind) => (
          <li key={kind}><button type="button" onClick={() => get(kind, chosen)}>{NAMES[kind]}</button></li>
        ))}
      </ul>
      <p class="hint">PDF and PNG are written for the instrument chosen above the score. JSON holds the request: opened here, it plays the same again.</p>
    </>
  );
}

function Link() {
  const [address, setAddress] = useState<string | null | undefined>(undefined);
  const [said, setSaid] = useState("");
  // What was asked for when this was opened, also where another take comes meanwhile.
  const [{ request, name }] = useState(() => ({
    request: take.value?.request ?? requestNow(),
    name: take.value?.music.file || "request",
  }));
  useEffect(() => {
    linkTo(request).then(setAddress, () => setAddress(null));
  }, []);
  const field = useRef<HTMLInputElement>(null);
  const file = () =>
    saveBlob(new Blob([JSON.stringify(request)], { type: "application/json" }), `${name}.json`);
  if (address === undefined) return <p class="hint">…</p>;
  if (address === null) {
    return (
      <>
        <p>This request is too long for a link. The file holds the same; dropped into another studio, it plays the same.</p>
        <p class="does"><button type="button" onClick={file}>save the file</button></p>
      </>
    );
  }
  return (
    <>
      <label class="line">
        all that was asked for
        <input ref={field} autofocus readOnly value={address} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <p class="does">
        <button
          type="button"
          onClick={() => {
            const byHand = () => {
              field.current?.select();
              setSaid("Press Ctrl-C to copy it.");
            };
            // A page at a name other than localhost has no clipboard without https.
            if (navigator.clipboard) navigator.clipboard.writeText(address).then(() => setSaid("Copied."), byHand);
            else byHand();
          }}
        >
          copy
        </button>
        <button type="button" onClick={file}>as a file</button>
      </p>
      <p class="hint" role="status">{said || "What stands after # is never sent to a server. A studio of this version plays the same notes, byte for byte."}</p>
    </>
  );
}

const KEYS: readonly [string, string][] = [
  ["Space", "play, pause"],
  ["Enter", "improvise (Ctrl-Enter while typing)"],
  ["Escape", "stop what is on its way; let the selection go"],
  ["← →", "a bar back, a bar on; on the score: from note to note"],
  ["0", "to the beginning"],
  ["l", "loop the selected bars"],
  ["a", "play the selected bars anew"],
  ["o", "another take: all that was asked for, with another seed"],
  ["v", "vary: half of the bars anew, chosen at random"],
  ["c", "compare with the take before, at the same beat"],
  ["1 – 5", "solo, piano, bass, drums, click on and off"],
  ["+ −", "faster, slower"],
  ["u, Ctrl-Z", "undo; Ctrl-Shift-Z redoes"],
  ["s", "search the songbook"],
  ["d", "dark or light"],
  ["in the grid", "arrows move, Shift selects, a letter types, h lets the bar be heard, Insert adds, Ctrl-Delete removes"],
  ["?", "these keys"],
];

function Keys() {
  return (
    <dl class="keys">
      {KEYS.map(([key, what]) => (
        <div key={key}><dt>{key}</dt><dd>{what}</dd></div>
      ))}
    </dl>
  );
}
