// What the page asks for.  `Studio` is the one interface; nothing else in the page knows HTTP.

import type {
  About,
  Chart,
  Choice,
  Knob,
  Opened,
  PlayRequest,
  Problem,
  SongbookTune,
  Take,
  TakeList,
} from "./types";

/** A request that was refused, with its sentence. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly problems: Problem[] = [],
  ) {
    super(message);
  }
}

/** The server does not answer. */
export class Gone extends Error {
  constructor() {
    super("The studio does not answer.");
  }
}

/** How far a take has come. */
export interface Watch {
  queued(ahead: number): void;
  bars(done: number, of: number): void;
}

export type FileKind =
  | "mid" | "musicxml" | "pdf" | "png" | "mp3" | "wav" | "ls" | "json";

/** What is printed beside the solo, and how. */
export interface Printing {
  dedication: string;
  whole: boolean;
  handwritten: boolean;
}

export const PLAIN: Printing = { dedication: "", whole: false, handwritten: false };

export interface Downloaded {
  name: string;
  data: Blob;
}

export interface Studio {
  alive(): Promise<boolean>;
  about(): Promise<About>;
  improvise(request: PlayRequest, watch?: Watch, signal?: AbortSignal): Promise<Take>;
  anew(id: string, bars: string, watch?: Watch, signal?: AbortSignal): Promise<Take>;
  vary(id: string, amount: number, watch?: Watch, signal?: AbortSignal): Promise<Take>;
  takes(before?: string): Promise<TakeList>;
  take(id: string): Promise<Take>;
  change(id: string, to: Partial<Pick<Take, "name" | "note" | "starred">>): Promise<Take>;
  remove(id: string): Promise<void>;
  restore(id: string): Promise<Take>;
  check(text: string, title: string, signal?: AbortSignal): Promise<Opened>;
  open(name: string, data: ArrayBuffer, tune?: string): Promise<Opened>;
  songbook(words: string, signal?: AbortSignal): Promise<SongbookTune[]>;
  tune(name: string): Promise<Chart>;
  players(): Promise<Choice[]>;
  styles(): Promise<Choice[]>;
  instruments(): Promise<Choice[]>;
  knobs(): Promise<Knob[]>;
  score(id: string, part: string, bars: number, signal?: AbortSignal): Promise<string>;
  download(id: string, kind: FileKind, part: string, printing: Printing): Promise<Downloaded>;
}

/** The studio behind the server that the page came from. */
export class HttpStudio implements Studio {
  async alive(): Promise<boolean> {
    try {
      return (await fetch("/health", { cache: "no-store" })).ok;
    } catch {
      return false;
    }
  }

  about = () => this.get<About>("/api/about");
  take = (id: string) => this.get<Take>(`/api/takes/${id}`);
  tune = (name: string) => this.get<Chart>(`/api/songbook/${encodeURIComponent(name)}`);
  players = () => this.get<Choice[]>("/api/players");
  styles = () => this.get<Choice[]>("/api/styles");
  instruments = () => this.get<Choice[]>("/api/instruments");
  knobs = () => this.get<Knob[]>("/api/knobs");
  takes = (before = "") => this.get<TakeList>(`/api/takes${before && `?before=${before}`}`);
  restore = (id: string) => this.send<Take>("POST", `/api/takes/${id}/restore`, {});
  change = (id: string, to: object) => this.send<Take>("PATCH", `/api/takes/${id}`, to);

  async songbook(words: string, signal?: AbortSignal): Promise<SongbookTune[]> {
    const address = `/api/songbook?q=${encodeURIComponent(words)}`;
    return (await this.get<{ tunes: SongbookTune[] }>(address, signal)).tunes;
  }

  async remove(id: string): Promise<void> {
    await this.ask(`/api/takes/${id}`, { method: "DELETE" });
  }

  improvise(request: PlayRequest, watch?: Watch, signal?: AbortSignal): Promise<Take> {
    return this.play("/api/takes", { request }, watch, signal);
  }

  anew(id: string, bars: string, watch?: Watch, signal?: AbortSignal): Promise<Take> {
    return this.play(`/api/takes/${id}/anew`, { bars }, watch, signal);
  }

  vary(id: string, amount: number, watch?: Watch, signal?: AbortSignal): Promise<Take> {
    return this.play(`/api/takes/${id}/vary`, { amount }, watch, signal);
  }

  check(text: string, title: string, signal?: AbortSignal): Promise<Opened> {
    return this.send("POST", "/api/changes/check", title ? { text, title } : { text }, signal);
  }

  async open(name: string, data: ArrayBuffer, tune = ""): Promise<Opened> {
    const query = new URLSearchParams({ name });
    if (tune) query.set("tune", tune);
    const answer = await this.ask(`/api/changes/check?${query}`, {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream" },
      body: data,
    });
    return answer.json() as Promise<Opened>;
  }

  async score(id: string, part: string, bars: number, signal?: AbortSignal): Promise<string> {
    const query = new URLSearchParams({ part, bars: String(bars) });
    return (await this.ask(`/api/takes/${id}.svg?${query}`, { signal })).text();
  }

  async download(id: string, kind: FileKind, part: string, printing: Printing): Promise<Downloaded> {
    const query = new URLSearchParams();
    if (["pdf", "png", "musicxml"].includes(kind)) {
      query.set("part", part);
      if (printing.whole) query.set("whole", "true");
    }
    if (["pdf", "png"].includes(kind)) {
      if (printing.dedication) query.set("dedication", printing.dedication);
      if (printing.handwritten) query.set("font", "handwritten");
    }
    const answer = await this.ask(`/api/takes/${id}.${kind}?${query}`, {});
    const told = answer.headers.get("Content-Disposition") ?? "";
    const name = /filename="([^"]+)"/.exec(told)?.[1] ?? `take.${kind}`;
    return { name, data: await answer.blob() };
  }

  /** Send a request to play and follow its events until the take is there. */
  private async play(
    address: string,
    body: object,
    watch: Watch | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Take> {
    const answer = await this.ask(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", Prefer: "respond-async" },
      body: JSON.stringify(body),
      signal,
    });
    if (answer.status !== 202) return answer.json() as Promise<Take>;
    const { events } = (await answer.json()) as { events: string };
    signal?.throwIfAborted();
    return new Promise<Take>((resolve, reject) => {
      const source = new EventSource(events);
      const stop = () => {
        end();
        reject(new DOMException("stopped", "AbortError"));
      };
      const end = () => {
        source.close();
        signal?.removeEventListener("abort", stop);
      };
      signal?.addEventListener("abort", stop);
      source.addEventListener("queued", (event) => watch?.queued(read<{ ahead: number }>(event).ahead));
      source.addEventListener("bars", (event) => {
        const { done, of } = read<{ done: number; of: number }>(event);
        watch?.bars(done, of);
      });
      source.addEventListener("take", (event) => {
        end();
        resolve(read<Take>(event));
      });
      source.addEventListener("problem", (event) => {
        end();
        const told = read<Told>(event);
        reject(refusal(told, told.status));
      });
      source.onerror = () => {
        end();
        reject(new Gone());
      };
    });
  }

  private async get<T>(address: string, signal?: AbortSignal): Promise<T> {
    return (await this.ask(address, { signal })).json() as Promise<T>;
  }

  private async send<T>(
    method: string,
    address: string,
    body: object,
    signal?: AbortSignal,
  ): Promise<T> {
    const headers = { "Content-Type": "application/json" };
    const answer = await this.ask(address, { method, headers, body: JSON.stringify(body), signal });
    return answer.json() as Promise<T>;
  }

  private async ask(address: string, how: Omit<RequestInit, "signal"> & { signal?: AbortSignal | undefined }) {
    let answer: Response;
    const { signal, ...rest } = how;
    try {
      answer = await fetch(address, signal ? { ...rest, signal } : rest);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new Gone();
    }
    if (answer.ok) return answer;
    if (answer.status === 502 || answer.status === 504) throw new Gone();
    let told: Partial<Told> = {};
    try {
      told = (await answer.json()) as Told;
    } catch {
      // no JSON: the status alone is told
    }
    throw refusal(told, answer.status);
  }
}

interface Told {
  title: string;
  status: number;
  detail: string;
  problems: Problem[];
}

function refusal(told: Partial<Told>, status: number): Refused {
  const sentence =
    told.detail || told.title || `The studio refused this with status ${status}; try again.`;
  return new Refused(sentence, status, told.problems ?? []);
}

// Events carry the JSON of the server that the page came from.
function read<T>(event: Event): T {
  return JSON.parse((event as MessageEvent<string>).data) as T;
}
