import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeTo } from '../src/ui/text/drawing';

const complete = (text: string): string => text.slice(0, completeTo(text, 0));

test('a paragraph is complete when another block begins', () => {
  assert.equal(complete('One.'), '');
  assert.equal(complete('One.\n\n'), '');
  assert.equal(complete('One.\n\nTwo'), 'One.\n\n');
  assert.equal(complete('One.\n\nTwo.\n\n## T'), 'One.\n\nTwo.\n\n');
});

test('nothing is cut inside code or mathematics', () => {
  assert.equal(complete('```\na\n\nb'), '');
  assert.equal(complete('~~~\n```\n\nb\n~~~\n\nc'), '~~~\n```\n\nb\n~~~\n\n');
  assert.equal(complete('$$\na\n\nb'), '');
  assert.equal(complete('$$a$$\n\nb'), '$$a$$\n\n');
});

test('a list goes on over an empty line', () => {
  assert.equal(complete('- a\n\n- b'), '');
  assert.equal(complete('1. a\n\n   more\n\n2. b'), '');
  assert.equal(complete('- a\n\nDone'), '- a\n\n');
});

test('it goes on from where it was', () => {
  const text = 'One.\n\nTwo.\n\nThree';
  assert.equal(text.slice(completeTo(text, 6)), 'Three');
});
