import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as React from 'react';
import { DEFAULTS, sends, settingsOf } from '../src/ui/settings';

const pressed = (more: Partial<React.KeyboardEvent>, composing = false): React.KeyboardEvent =>
  ({ key: 'Enter', shiftKey: false, ctrlKey: false, metaKey: false, nativeEvent: { isComposing: composing }, ...more }) as React.KeyboardEvent;

test('what is stored and fits counts', () => {
  const stored = { sendWith: 'shift-enter', thinking: 'hidden', idleMinutes: 0 };
  assert.deepEqual(settingsOf(stored), stored);
});

test('whatever else is stored counts as not set', () => {
  for (const stored of [null, 'x', [], { sendWith: 'constructor', thinking: 7, idleMinutes: NaN, more: 1 }, { idleMinutes: -1 }]) {
    assert.deepEqual(settingsOf(stored), DEFAULTS);
  }
});

test('one combination sends', () => {
  const held = [{}, { shiftKey: true }, { ctrlKey: true }, { metaKey: true }];
  const sent = (sendWith: typeof DEFAULTS.sendWith): boolean[] =>
    held.map(keys => sends({ ...DEFAULTS, sendWith }, pressed(keys)));
  assert.deepEqual(sent('enter'), [true, false, false, false]);
  assert.deepEqual(sent('shift-enter'), [false, true, false, false]);
  assert.deepEqual(sent('accel-enter'), [false, false, true, true]);
});

test('an Enter that ends the choice of a character does not send', () => {
  assert.equal(sends(DEFAULTS, pressed({}, true)), false);
  assert.equal(sends(DEFAULTS, pressed({ key: 'a' })), false);
});
