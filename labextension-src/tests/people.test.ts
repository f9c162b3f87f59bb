import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Code, type Command, type ServerEvent } from '../src/protocol.gen';
import { note, reduce } from '../src/ui/state/reducer';
import { isRunning } from '../src/ui/state/state';
import { lastTurn, only, play, script, turnsOf } from './streams';

const greeted: ServerEvent = { type: 'hello', connection: 'k', version: '1', principal: 'ada', experts: true };

/** Of the conversation, of no turn. */
const aside = { turn: undefined, attempt: undefined };

test('who the panel is and whether a person can be asked comes with the greeting', () => {
  const ada = { principal: 'ada', experts: true, roles: [], disabled: [], level: 'aggregates', unapproved: [], lasting: true };
  assert.deepEqual(play([greeted]).me, ada);
  const expert: ServerEvent = { ...greeted, experts: undefined, roles: ['expert'], disabled: ['search'], level: 'schema' };
  assert.deepEqual(play([expert]).me, { ...ada, experts: false, roles: ['expert'], disabled: ['search'], level: 'schema' });
});

test('a question waits for a person, whose answer stands in its turn', () => {
  const [asked, waits, answered, ended] = script(
    { type: 'message', text: 'why?' },
    { type: 'turn.waiting', waits_for: 'person' },
    { type: 'message', text: 'Scale it.', role: 'expert', author: 'eve' },
    { type: 'turn.ended', state: 'completed', answered_by: 'eve (a person)' }
  );
  assert.ok(isRunning(lastTurn(play([asked, waits]))), 'it can be stopped');
  const turn = lastTurn(play([asked, waits, answered, ended]));
  assert.deepEqual([turn.question, turn.role, turn.state], ['why?', 'user', 'completed']);
  assert.deepEqual(turn.parts.map(part => part.kind === 'person' && [part.author, part.text]), [['eve', 'Scale it.']]);
});

test('what an expert asks the assistant is a question', () => {
  const [asked] = script({ type: 'message', text: 'how many rows?', role: 'expert', author: 'eve', to: 'assistant' });
  const turn = lastTurn(play([asked]));
  assert.deepEqual([turn.question, turn.role, turn.parts], ['how many rows?', 'expert', []]);
});

test('each change of who answers is told, and has nothing to wait for', () => {
  const events = script(
    { type: 'mode.changed', mode: 'expert', why: 'requested', by: 'ada', ...aside },
    { type: 'mode.changed', mode: 'expert', why: 'claimed', expert: 'eve', by: 'eve', ...aside },
    { type: 'mode.changed', mode: 'direct', why: 'switched', expert: 'eve', by: 'eve', observed: false, ...aside },
    { type: 'mode.changed', mode: 'expert', why: 'lost', ...aside },
    { type: 'mode.changed', mode: 'assistant', why: 'ended', by: 'ada', ...aside }
  );
  const state = play([...events, ...events]);
  const told = turnsOf(state).flatMap(turn => turn.parts.map(part => (part.kind === 'notice' ? part.text : '?')));
  assert.deepEqual(told, [
    'A person was asked for.',
    'eve has joined.',
    'People talk directly now.',
    'The person is gone; somebody else will join.',
    'Back to the assistant (ada).'
  ]);
  assert.deepEqual([only(state).mode?.mode, turnsOf(state).some(isRunning)], ['assistant', false]);
  assert.equal(only(play(events.slice(0, 2))).mode?.expert, 'eve');
});

test('a sign of typing is over when something was said', () => {
  const typing: ServerEvent = { type: 'presence', conversation: 'c', who: 'eve', role: 'expert', state: 'typing' };
  const [said] = script({ type: 'message', text: 'Hello.', role: 'expert', author: 'eve' });
  assert.equal(only(play([typing])).present.eve.state, 'typing');
  assert.equal(only(play([typing, said])).present.eve.state, 'online');
});

test('a word of the service that is of no turn does not stand in line', () => {
  const [told] = script({ type: 'notice', text: 'The experts could not be told by mail.', code: 'not_told', ...aside });
  assert.equal(turnsOf(play([told])).some(isRunning), false);
});

test('what an expert says and is refused stays, can be sent again, and goes when it is taken', () => {
  const said: Command = { type: 'expert.say', id: '1', conversation: 'c', text: 'Scale it.' };
  const fault = { code: Code.RATE_LIMITED, message: 'Too many messages.', hint: 'Wait a minute.' };
  const refused = reduce(note(play([greeted]), said), { type: 'fault', command: '1', fault });
  assert.deepEqual(
    refused.outgoing.map(one => [one.text, one.conversation, one.delivery, one.fault, one.again]),
    [['Scale it.', 'c', 'error', fault, said]]
  );
  assert.equal(refused.trouble, null);
  const again = note(refused, said);
  assert.deepEqual(again.outgoing.map(one => one.delivery), ['sending']);
  assert.deepEqual(reduce(again, { type: 'accepted', command: '1', conversation: 'c' }).outgoing, []);
});
