import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fence, spansOf } from '../src/ui/text/marks';
import { lastTurn, play, script } from './streams';

const fenced = (text: string, marks: { start: number; end: number; call?: string }[]): string =>
  fence(text, spansOf(text, marks), 0, text.length).replace(/\uE0F0/g, '<').replace(/\uE0F1/g, '>');

test('letters go around what is marked, and nothing else changes', () => {
  assert.equal(fenced('It is **0.97** of `xy`.', [{ start: 8, end: 12 }, { start: 19, end: 21 }]), 'It is **<0.97>** of `<xy>`.');
});

test('places count characters, not UTF-16 units', () => {
  assert.equal(fenced('😀 is 7.', [{ start: 5, end: 6 }]), '😀 is <7>.');
});

test('a text can not bring marks of its own, and marks that lie outside of it or overlap are passed over', () => {
  assert.equal(fenced('a\uE0F0b 7', [{ start: 4, end: 5 }, { start: 4, end: 5 }, { start: 4, end: 50 }]), 'a b <7>');
});

test('mathematics is left to those who draw it', () => {
  assert.equal(fenced('$p = 0.5$ or 0.7', [{ start: 5, end: 8 }, { start: 13, end: 16 }]), '$p = 0.5$ or <0.7>');
});

test('marks come with the text, each once, and go with what was thinking aloud', () => {
  const delta = { type: 'text.delta' as const, offset: 0, text: 'It is 7.', marks: [{ start: 6, end: 7 }] };
  const marksOf = (...events: Parameters<typeof script>): unknown => {
    const [part] = lastTurn(play(script(...events))).parts;
    return part.kind === 'text' || part.kind === 'thinking' ? part.marks : null;
  };
  assert.deepEqual(marksOf(delta, delta), [{ start: 6, end: 7 }]);
  assert.deepEqual(
    marksOf(delta, { type: 'text.snapshot', text: 'It is 7.', final: true, marks: [{ start: 6, end: 7, call: 'k' }] }),
    [{ start: 6, end: 7, call: 'k' }]
  );
  assert.deepEqual(marksOf(delta, { type: 'text.snapshot', text: 'It is 7.', kind: 'thinking', final: true }), []);
});

test('what is mathematics is left as it is, in a line and over several', () => {
  const text = 'it is $x^2$ or 3\n\n$$\n\\int_0^1\n$$\n\nand $$4$$ of 5';
  const marks = Array.from(text.matchAll(/\d/g), ({ index }) => ({ start: index, end: index + 1 }));
  assert.equal(fenced(text, marks), 'it is $x^2$ or <3>\n\n$$\n\\int_0^1\n$$\n\nand $$4$$ of <5>');
});
