// A request in a link: JSON, deflate-raw, base64url, after the #.  No server ever sees it.

import type { PlayRequest } from "./types";

const LONGEST_LINK = 8 * 1024;
const LONGEST_REQUEST = 64 * 1024;
const MOST_BARS = 512;
const MOST_CHORUSES = 12;

/** Return the fragment that holds a request, without the #; null where it is too long for a link. */
export async function pack(request: PlayRequest): Promise<string | null> {
  const bytes = new TextEncoder().encode(JSON.stringify(request));
  if (bytes.length > LONGEST_REQUEST) return null;
  const packed = await through(bytes, new CompressionStream("deflate-raw"), LONGEST_REQUEST * 2);
  let binary = "";
  for (const byte of packed) binary += String.fromCharCode(byte);
  const fragment = btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return fragment.length > LONGEST_LINK ? null : fragment;
}

/** Return the request in a fragment; an Error with a sentence where it holds none. */
export async function unpack(fragment: string): Promise<PlayRequest> {
  if (fragment.length > LONGEST_LINK) throw new Error("The link is too long; ask for the file.");
  let found: unknown;
  try {
    const plain = fragment.replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(plain), (one) => one.charCodeAt(0));
    const opened = await through(bytes, new DecompressionStream("deflate-raw"), LONGEST_REQUEST);
    found = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(opened));
  } catch {
    throw new Error("The link is damaged; copy it again, whole.");
  }
  return asRequest(found);
}

// What the page itself reads of a request; the server checks all of it.

type Check = (value: unknown) => boolean;
const none = (value: unknown) => value === undefined || value === null;
const maybe = (check: Check): Check => (value) => none(value) || check(value);
const words = maybe((value) => typeof value === "string");
const number = maybe((value) => typeof value === "number");
const text: Check = (value) => typeof value === "string" && value.split("|").length <= 4 * MOST_BARS;
const record = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const fields = (checks: Record<string, Check>): Check => (value) =>
  record(value) && Object.entries(checks).every(([name, check]) => check(value[name]));
const each = (...types: string[]) =>
  maybe((value) => record(value) && Object.values(value).every((one) => types.includes(typeof one)));

const SHEET = { title: words, composer: words, key: words, style: words, tempo: number };
const REQUEST = fields({
  ...{ version: words, fingerprint: words, style: words, instrument: words, player: words, key: words },
  ...{ tempo: number, swing: number, expression: number, seed: number },
  choruses: maybe((value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_CHORUSES),
  arrangement: each("boolean"),
  controls: each("number", "boolean"),
  changes: maybe(fields({ name: words, text: words, title: words, sheet: maybe(fields({ ...SHEET, changes: text })) })),
  take: maybe(fields({ ...SHEET, changes: maybe(text), choruses: maybe(Array.isArray) })),
});

/** Return a value as a request to play; an Error with a sentence where it is none. */
export function asRequest(found: unknown): PlayRequest {
  if (typeof found !== "object" || found === null || Array.isArray(found)) {
    throw new Error("This holds no request; copy the link again, whole.");
  }
  const request = found as PlayRequest;
  if (request.kind !== "play" && request.kind !== "vary") {
    throw new Error("This holds no request to play; copy the link again, whole.");
  }
  if (!REQUEST(request)) {
    throw new Error("A value in this request is not of its kind, or too large; ask for the request again.");
  }
  return request;
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
  most: number,
): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) throw new Error("too long");
    pieces.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
