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
