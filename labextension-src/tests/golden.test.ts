import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DURABLE, type ServerEvent } from '../src/protocol.gen';
import { reduceAll } from '../src/ui/state/reducer';
import { hasEnded, initial, type State, type TextPart } from '../src/ui/state/state';
import { play, recorded, turnsOf } from './streams';

const streams = recorded();
const UNKNOWN = 'weather';

function answers(state: State): string[] {
  const parts = turnsOf(state).flatMap(turn => turn.parts);
  return parts.filter((part): part is TextPart => part.kind === 'text').map(part => part.text);
}

/** What does not depend on how many pieces a text came in. */
function essence(state: State): unknown {
  return turnsOf(state).map(turn => ({
    ...turn,
    seq: 0,
    parts: turn.parts.map(part => ({ ...part, key: '', ...(part.kind === 'tool' ? { progress: null } : {}) }))
  }));
}

test('there are recorded streams of every kind of turn', () => {
  assert.ok(streams.length >= 10);
  const types = new Set(streams.flatMap(([, events]) => events.map(event => event.type)));
  for (const type of ['tool.returned', 'form.closed', 'approval.closed', 'text.snapshot', 'turn.ended', 'notice']) {
    assert.ok(types.has(type as ServerEvent['type']), type);
  }
});

test('a past taken at once is what its events make one after the other', () => {
  for (const [name, events] of streams) {
    for (const before of [initial, play(events.slice(0, 7))]) {
      // Some are known already, and one comes twice.
      const past = [...events, events[events.length - 1]];
      assert.deepEqual(reduceAll(before, past), play(past, before), name);
    }
  }
});

for (const [name, events] of streams) {
  test(`${name}: every turn comes to its end, with nothing left open`, () => {
    // What is of no turn stands in the log as well.
    const turns = turnsOf(play(events)).filter(turn => !turn.id.startsWith('event-'));
    assert.equal(turns.length, new Set(events.filter(event => event.type === 'message').map(event => event.turn)).size);
    const ended = events.filter(event => event.type === 'turn.ended').map(event => event.turn);
    for (const turn of turns) {
      assert.ok(turn.question || turn.parts.some(part => part.kind === 'person'));
      assert.equal(hasEnded(turn), ended.includes(turn.id));
      if (hasEnded(turn)) {
        assert.ok(turn.steps.every(step => step.elapsedMs !== null));
        assert.ok(turn.parts.every(part => !(part.kind === 'text' || part.kind === 'thinking') || part.final));
        assert.ok(turn.parts.every(part => !(part.kind === 'form' || part.kind === 'approval') || part.closed));
      }
    }
  });

  test(`${name}: told twice is told once`, () => {
    const stored = events.filter(event => (event.seq ?? 0) > 0 && event.type !== 'accepted');
    const once = play(events);
    assert.deepEqual(essence(play(stored, once)), essence(once));
    assert.deepEqual(essence(play(events.flatMap(event => [event, event]))), essence(once));
  });

  test(`${name}: the stored events alone give the same conversation`, () => {
    const stored = events.filter(event => DURABLE.has(event.type));
    assert.deepEqual(essence(play(stored)), essence(play(events)));
  });

  test(`${name}: wherever the connection was lost, the rest makes it whole`, () => {
    const whole = essence(play(events));
    for (let cut = 1; cut < events.length; cut++) {
      const first = play(events.slice(0, cut));
      const after = Object.values(first.conversations)[0]?.seen ?? 0;
      const missed = events.filter(event => DURABLE.has(event.type) && (event.seq ?? 0) > after);
      assert.deepEqual(essence(play(missed, first)), whole, `cut at ${cut}`);
    }
  });

  test(`${name}: the answer is the text of its last snapshot`, () => {
    const snapshots = events.filter(event => event.type === 'text.snapshot' && event.final && event.kind !== 'thinking');
    const told = answers(play(events));
    for (const snapshot of snapshots) {
      assert.ok(snapshot.type === 'text.snapshot' && told.includes(snapshot.text));
    }
  });
}

test('a command that was refused without a conversation is told as trouble', () => {
  const [, events] = streams.find(([name]) => name === 'refused')!;
  const fault = events.find(event => event.type === 'fault');
  assert.ok(fault?.type === 'fault' && fault.fault.message);
  assert.equal(play(events).trouble, fault.fault);
});

test('an event of a newer server is shown by its text', () => {
  const [, events] = streams.find(([name]) => name === 'unknown-type')!;
  const heard = events.map(event => ((event.type as string) === UNKNOWN ? { ...event, seq: 0 } : event));
  const texts = turnsOf(play(heard)).flatMap(turn => turn.parts.map(part => ('text' in part ? part.text : '')));
  assert.ok(texts.includes('It will rain.'));
});
