import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, codeOf } from '../src/ui/turns/answer';
import { lastTurn, play, script } from './streams';

const returned = (call: string, code: string): Parameters<typeof script>[0] => ({
  type: 'tool.returned',
  call,
  tool: 'list_models',
  result: { ok: true, code }
});

test('the answer is what was said, not what was thought', () => {
  const events = script(
    { type: 'message', text: 'why?' },
    { type: 'text.snapshot', text: 'Hm.', kind: 'thinking', final: true },
    { type: 'text.snapshot', text: 'Because.\n', final: true }
  );
  assert.equal(answerOf(lastTurn(play(events))), 'Because.');
});

test('the code of a turn is that of its results, each once', () => {
  const turn = lastTurn(play(script(returned('1', 'a = 1\n'), returned('2', ''), returned('3', 'b = 2'), returned('4', 'a = 1'))));
  assert.equal(codeOf(turn), 'a = 1\n\nb = 2');
});

test('a step knows when it began, a thumb its word, and a frozen answer that it is', () => {
  const events = script(
    { type: 'step.started', step: 1, name: 'tool', time: 12.5 },
    { type: 'feedback.given', score: -1, text: 'too long' },
    { type: 'notice', text: 'Frozen.', code: 'frozen' },
    { type: 'notice', text: 'No longer frozen.', code: 'unfrozen' }
  );
  const before = lastTurn(play(events.slice(0, 3)));
  assert.deepEqual([before.steps[0].began, before.remark, before.frozen], [12.5, 'too long', true]);
  assert.equal(lastTurn(play(events)).frozen, false);
  const read = { type: 'notice', text: 'Read as “help”.', code: 'synonym' } as const;
  assert.equal(lastTurn(play(script(read))).synonym, true);
  assert.equal(lastTurn(play(script(read, { type: 'notice', text: 'As it stands.', code: 'synonym_forgotten' }))).synonym, false);
});
