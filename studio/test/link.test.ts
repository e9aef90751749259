import assert from "node:assert/strict";
import { test } from "node:test";
import { randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { asRequest, pack, unpack } from "../src/link";

const packed = (content: object) => deflateRawSync(JSON.stringify(content)).toString("base64url");

const request = { schema: 1, kind: "play", seed: 7, changes: { sheet: { title: "Blues ♭ <b>", changes: "| F7 |" } } };

test("a link holds the whole request and gives it back", async () => {
  const fragment = await pack(request);
  assert.match(fragment ?? "", /^[\w-]+$/);
  assert.deepEqual(await unpack(fragment ?? ""), request);
});

test("a damaged link, a bomb and something else are refused in a sentence", async () => {
  await assert.rejects(unpack("abc"), /damaged/);
  await assert.rejects(unpack(packed({ ...request, kind: "train" })), /no request to play/);
  const bomb = packed({ ...request, changes: { text: "x".repeat(100_000) } });
  assert.ok(bomb.length < 1000);
  await assert.rejects(unpack(bomb), /damaged/);
  assert.throws(() => asRequest([]), /no request/);
});

test("what the page would stumble over is refused before it is shown", () => {
  const tune = (sheet: object) => ({ changes: { sheet: { changes: "| C |", ...sheet } } });
  for (const wrong of [
    tune({ title: 5 }),
    tune({ key: [] }),
    tune({ tempo: "fast" }),
    tune({ changes: "| C ".repeat(3000) }),
    { changes: "| C |" },
    { choruses: 1e9 },
    { choruses: "3" },
    { arrangement: "head" },
    { controls: { temperature: {} } },
    { take: { changes: "| C |", choruses: "x" } },
    { instrument: {} },
  ]) {
    assert.throws(() => asRequest({ kind: "play", ...wrong }), /not of its kind/, JSON.stringify(wrong).slice(0, 80));
  }
  assert.ok(asRequest({ kind: "play", tempo: null, controls: { temperature: 1, keep: true }, ...tune({}) }));
});

test("no link is made that could not be opened", async () => {
  const text = (size: number, letters: string) => ({ ...request, changes: { text: letters.padEnd(size, "x") } });
  assert.equal(await pack(text(70_000, "")), null); // small when packed, but more than is unpacked
  assert.equal(await pack(text(0, randomBytes(9000).toString("base64"))), null);
  const long = text(60_000, "");
  assert.deepEqual(await unpack((await pack(long)) ?? ""), long);
});
