import assert from "node:assert/strict";
import { test } from "node:test";
import { cut, fit } from "../src/fit";

const box = { width: 300, height: 300, largest: 400 };
const widths = (words: string[]) => words.map((word) => word.length / 2);

test("a title is broken where its letters can be largest", () => {
  const words = ["happy", "birthday", "to", "you"];
  const { lines, size } = fit(words, widths(words), 0.25, box);
  assert.deepEqual(lines, ["happy", "birthday", "to you"]);
  assert.equal(size, 75);
});

test("a long title and an empty one fit too", () => {
  const words = Array.from({ length: 12 }, () => "word");
  const { lines, size } = fit(words, widths(words), 0.25, box);
  assert.ok(size > 0 && lines.join(" ") === words.join(" "));
  assert.deepEqual(fit([], [], 0.25, box).lines, [""]);
});

test("a word that is too wide is cut between letters as they are seen", () => {
  const width = (text: string) => [...new Intl.Segmenter().segment(text)].length;
  assert.deepEqual(cut("birthday", width, 8), ["birthday"]);
  assert.deepEqual(cut("birthday", width, 3), ["bir", "thd", "ay"]);
  assert.deepEqual(cut("👩‍👩‍👧👩‍👩‍👧👍🏽", width, 2), ["👩‍👩‍👧👩‍👩‍👧", "👍🏽"]);
  assert.deepEqual(cut("", width, 2), [""]);
});
