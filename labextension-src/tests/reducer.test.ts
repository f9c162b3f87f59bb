import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command, ServerEvent, ToolResult } from '../src/protocol.gen';
import { note, reduce } from '../src/ui/state/reducer';
import { initial, isRunning } from '../src/ui/state/state';
import { lastTurn, only, play, script } from './streams';

const asking: Command = { type: 'turn.start', id: 'q', text: 'why?', context: { notebook: 'a.ipynb' } };
const refused: ServerEvent = { type: 'fault', command: 'q', fault: { code: 'rate_limited', message: 'Too many.' } };

test('a question is shown at once and gives way to the journal', () => {
  const sending = note(initial, asking);
  assert.equal(sending.outgoing[0].delivery, 'sending');
  const [accepted, message] = script({ type: 'accepted', command: 'q' }, { type: 'message', text: 'why?' });
  const delivered = reduce(sending, accepted);
  assert.deepEqual([delivered.outgoing[0].delivery, delivered.current], ['delivered', 'c']);
  const told = reduce(delivered, message);
  assert.deepEqual(told.outgoing, []);
  assert.equal(lastTurn(told).question, 'why?');
});

test('a question that was stored before the connection was lost is not shown twice', () => {
  const [message, accepted] = script({ type: 'message', text: 'why?' }, { type: 'accepted', command: 'q' });
  assert.deepEqual(play([message, accepted], note(initial, asking)).outgoing, []);
});

test('a question that was not taken says why, and can be sent again', () => {
  const failed = reduce(note(initial, asking), refused);
  assert.equal(failed.outgoing[0].delivery, 'error');
  assert.equal(failed.outgoing[0].fault?.message, 'Too many.');
  assert.equal(failed.trouble, null);
  const again = note(failed, failed.outgoing[0].again);
  assert.deepEqual(again.outgoing.map(one => one.delivery), ['sending']);
});

test('only the conversation that was asked for last is shown', () => {
  const open = (id: string): Command => ({ type: 'conversation.open', id, context: { notebook: id } });
  const both = note(note(initial, open('one')), open('two'));
  const answer = (command: string, conversation: string): ServerEvent => ({ type: 'accepted', command, conversation });
  const state = play([answer('two', 'second'), answer('one', 'first')], both);
  assert.equal(state.current, 'second');
});

test('a form that was answered elsewhere closes here, whatever this tab had said', () => {
  const [asked, closed] = script(
    { type: 'form.asked', form: 'f', spec: { title: 'Predict' } },
    { type: 'form.closed', form: 'f', outcome: 'submitted', values: { a: 1 } }
  );
  const mine: Command = { type: 'form.submit', id: 'mine', turn: 't', form: 'f', values: { a: 2 } };
  const late: ServerEvent = { type: 'fault', command: 'mine', fault: { code: 'conflict', message: 'Answered.' } };
  for (const events of [[closed, late], [late, closed]]) {
    const part = lastTurn(play(events, note(play([asked]), mine))).parts[0];
    assert.ok(part.kind === 'form' && part.closed?.outcome === 'submitted' && part.fault === null);
  }
});

test('an answer to a form that is refused stands at the form, which stays open', () => {
  const [asked] = script({ type: 'form.asked', form: 'f', spec: { title: 'Predict' } });
  const mine: Command = { type: 'form.submit', id: 'mine', turn: 't', form: 'f', values: {} };
  const fault: ServerEvent = { type: 'fault', command: 'mine', fault: { code: 'expired', message: 'Too late.' } };
  const state = reduce(note(play([asked]), mine), fault);
  const part = lastTurn(state).parts[0];
  assert.ok(part.kind === 'form' && !part.closed && part.fault?.message === 'Too late.');
  assert.equal(state.trouble, null);
});

test('a large event keeps its place and is taken when it comes', () => {
  const result: ToolResult = { ok: true, data: { rows: 3 } };
  const events = script(
    { type: 'message', text: 'show' },
    { type: 'tool.called', call: 'k', tool: 'list_models' },
    { type: 'referenced', ref: 'c-3', stands_for: 'tool.returned', bytes: 300_000 },
    { type: 'turn.ended', state: 'completed' }
  );
  const fetched: ServerEvent = { ...events[2], type: 'tool.returned', call: 'k', tool: 'list_models', result } as ServerEvent;
  const waiting = play(events);
  assert.deepEqual(only(waiting).fetching, [3]);
  assert.equal(reduce(waiting, events[2]), waiting);
  const state = reduce(waiting, fetched);
  const part = lastTurn(state).parts[0];
  assert.ok(part.kind === 'tool' && part.result?.data?.rows === 3);
  assert.deepEqual([only(state).fetching, only(state).turns.length], [[], 1]);
  assert.equal(reduce(state, fetched), state);
});

test('deltas go where their offset says, in characters and not in UTF-16 units', () => {
  const state = play(
    script(
      { type: 'text.delta', offset: 0, text: 'a😀b' },
      { type: 'text.delta', offset: 3, text: 'c😀' },
      { type: 'text.delta', offset: 2, text: 'BC' }
    )
  );
  const part = lastTurn(state).parts[0];
  assert.ok(part.kind === 'text' && part.text === 'a😀BC' && part.length === 4);
});

test('a delta after a gap is left out; the snapshot has it all', () => {
  const gap = script({ type: 'text.delta', offset: 0, text: 'one ' }, { type: 'text.delta', offset: 8, text: 'three' });
  const part = lastTurn(play(gap)).parts[0];
  assert.ok(part.kind === 'text' && part.text === 'one ');
  const [snapshot] = script({ type: 'text.snapshot', text: 'one two three', final: true });
  const whole = lastTurn(reduce(play(gap), snapshot)).parts[0];
  assert.ok(whole.kind === 'text' && whole.text === 'one two three' && whole.final);
});

test('what was said before a tool call turns into a thought', () => {
  const state = play(
    script(
      { type: 'text.delta', offset: 0, text: 'Let me look.' },
      { type: 'text.snapshot', text: 'Let me look.', kind: 'thinking', final: true },
      { type: 'tool.called', call: 'k', tool: 'list_models' },
      { type: 'text.delta', offset: 0, text: 'Two models.' }
    )
  );
  const { parts } = lastTurn(state);
  assert.deepEqual(parts.map(part => part.kind), ['thinking', 'tool', 'text']);
});

test('thoughts that were streamed do not swallow the answer', () => {
  const state = play(
    script(
      { type: 'thinking.delta', offset: 0, text: 'Hm, ' },
      { type: 'text.delta', offset: 0, text: 'Two.' },
      { type: 'thinking.delta', offset: 4, text: 'well.' },
      { type: 'text.snapshot', text: 'Hm, well.', kind: 'thinking', final: true },
      { type: 'text.snapshot', text: 'Two.', final: true }
    )
  );
  const texts = lastTurn(state).parts.map(part => ('text' in part ? [part.kind, part.text] : []));
  assert.deepEqual(texts, [['thinking', 'Hm, well.'], ['text', 'Two.']]);
});

test('a turn that is tried again says how it had ended', () => {
  const state = play(
    script(
      { type: 'turn.ended', state: 'failed', fault: { code: 'llm_timeout', message: 'No answer in 30 s.' } },
      { type: 'turn.queued', position: 1 },
      { type: 'turn.started', llm: 'builtin', number: 2 }
    )
  );
  const turn = lastTurn(state);
  assert.ok(isRunning(turn) && turn.fault === null);
  assert.deepEqual(turn.parts.map(part => part.kind === 'notice' && part.text), ['No answer in 30 s.']);
});

test('a call that goes on after a form is one card', () => {
  const called: Partial<ServerEvent> = { type: 'tool.called', call: 'k', tool: 'make_prediction', args: {} };
  const events = script(called, { type: 'turn.waiting', waits_for: 'form' }, { ...called, attempt: 'b' });
  assert.equal(lastTurn(play(events)).parts.length, 1);
});

test('an unknown live event without words is passed over, a stored one is named', () => {
  const event = { type: 'weather', conversation: 'c', turn: 't' } as unknown as ServerEvent;
  assert.deepEqual(lastTurn(play([...script({ type: 'message', text: 'x' }), event])).parts, []);
  const stored = lastTurn(play([...script({ type: 'message', text: 'x' }), { ...event, seq: 2 }]));
  assert.deepEqual(stored.parts.map(part => part.kind === 'other' && part.text), ['(weather)']);
});

test('a message after a deletion goes on where the service says', () => {
  const [message, deleted] = script({ type: 'message', text: 'x' }, { type: 'conversation.deleted', turn: null });
  const shown = { ...play([message, deleted]), current: 'c' };
  assert.ok(only(shown).deleted);
  const accepted: ServerEvent = { type: 'accepted', command: 'q', conversation: 'next', turn: 'n', seq: 2 };
  assert.equal(reduce(note(shown, asking), accepted).current, 'next');
});
