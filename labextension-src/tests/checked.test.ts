import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasEnded, isRunning } from '../src/ui/state/state';
import { lastTurn, play, script } from './streams';

const failed = { name: 'grounded', by: 'rules', score: 0.5, failed: true, reason: '1 of 2 numbers.', details: ['42'] };

test('a flagged answer says why, also when that comes long after its end', () => {
  const events = script(
    { type: 'text.snapshot', text: '42', final: true },
    { type: 'turn.ended', state: 'completed' },
    { type: 'evaluation', checks: [failed], flagged: true, reasons: ['grounded (rules): 1 of 2 numbers.'] }
  );
  const turn = lastTurn(play(events));
  assert.equal(turn.state, 'completed');
  assert.deepEqual(turn.evaluation?.reasons, ['grounded (rules): 1 of 2 numbers.']);
  assert.equal(turn.review, null);
});

test('a review opens and closes once, whoever is told what twice', () => {
  const events = script(
    { type: 'review.asked', review: 'r', reasons: ['safety'], own: true },
    { type: 'review.closed', review: 'r', outcome: 'corrected', text: 'Better.', by: 'ann' }
  );
  const open = lastTurn(play(events.slice(0, 1)));
  assert.deepEqual([open.review?.asked?.own, open.review?.closed], [true, null]);
  const turn = lastTurn(play([...events, ...events]));
  assert.deepEqual([turn.review?.asked?.review, turn.review?.closed?.text], ['r', 'Better.']);
});

test('an answer that is held back waits without running, and is shown when it is let go', () => {
  const events = script(
    { type: 'turn.started', llm: 'x' },
    { type: 'notice', text: 'Held back.', code: 'held' },
    { type: 'review.asked', review: 'r', held: true },
    { type: 'turn.waiting', waits_for: 'review' },
    { type: 'review.closed', review: 'r', outcome: 'approved', by: 'ann' },
    { type: 'text.snapshot', text: 'The answer.', final: true },
    { type: 'turn.ended', state: 'completed' }
  );
  const waiting = lastTurn(play(events.slice(0, 4)));
  assert.deepEqual([isRunning(waiting), hasEnded(waiting)], [false, false]);
  assert.ok(!waiting.parts.some(part => part.kind === 'text'));
  const turn = lastTurn(play(events));
  assert.deepEqual(turn.parts.filter(part => part.kind === 'text').map(part => part.kind === 'text' && part.text), ['The answer.']);
  assert.equal(turn.state, 'completed');
});

test('the last thumb is the one that counts', () => {
  const events = script({ type: 'feedback.given', score: 1 }, { type: 'feedback.given', score: -1, text: 'wrong' });
  assert.equal(lastTurn(play(events)).score, -1);
});

test('an experiment is told where it begins', () => {
  const text = 'This conversation takes part in the comparison “tone”.';
  const [event] = script({ type: 'experiment.assigned', turn: undefined, experiment: 'tone', arm: 'A', text });
  const [part] = lastTurn(play([event])).parts;
  assert.ok(part.kind === 'notice' && part.text === text);
});
