import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_COMMAND_BYTES } from '../src/protocol.gen';
import { MAX_TEXT_BYTES, problemOf } from '../src/ui/wire/limit';

test('what fits can be sent, what does not is told with its size', () => {
  assert.equal(problemOf('x'.repeat(MAX_TEXT_BYTES - 2)), '');
  assert.match(problemOf('x'.repeat(MAX_TEXT_BYTES)), /too large: 1\.0 MB/);
  assert.match(problemOf('x'.repeat(5_000_000)), /too large: 5\.0 MB/);
});

test('the size is that of the frame: UTF-8, with quotes escaped', () => {
  const third = Math.floor(MAX_TEXT_BYTES / 3);
  assert.equal(problemOf('€'.repeat(third - 1)), '');
  assert.notEqual(problemOf('€'.repeat(third + 1)), '');
  assert.notEqual(problemOf('"'.repeat(Math.ceil(MAX_TEXT_BYTES / 2))), '');
  const frame = JSON.stringify({ type: 'turn.start', id: 'x'.repeat(32), text: '"'.repeat(third) });
  assert.ok(problemOf('"'.repeat(third)) !== '' || frame.length < MAX_COMMAND_BYTES);
});
