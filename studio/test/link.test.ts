import assert from "node:assert/strict";
import { test } from "node:test";
import { asRequest, pack, unpack } from "../src/link";

const request = { schema: 1, kind: "play", seed: 7, changes: { sheet: { title: "Blues ♭ <b>", changes: "| F7 |" } } };

test("a link holds the whole request and gives it back", async () => {
  const fragment = await pack(request);
  assert.match(fragment, /^[\w-]+$/);
  assert.deepEqual(await unpack(fragment), request);
});

test("a damaged link, a bomb and something else are refused in a sentence", async () => {
  await assert.rejects(unpack("abc"), /damaged/);
  await assert.rejects(unpack(await pack({ ...request, kind: "train" })), /no request to play/);
  const bomb = await pack({ ...request, changes: { text: "x".repeat(100_000) } });
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
