import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KernelGlance, ModelGlance, ServerEvent } from '../src/protocol.gen';
import { combined } from '../src/ui/kernel/now';
import { atWork, rested } from '../src/ui/kernel/Notifier';
import { spoken } from '../src/ui/kernel/Running';
import { matching, namesOf } from '../src/ui/kernel/search';
import { described } from '../src/ui/kernel/Signature';
import { lookOf } from '../src/ui/state/kernels';
import { english } from '../src/ui/trans';
import { only, play, script, turnsOf } from './streams';

const model = (ref: string): ModelGlance => ({
  ref, names: [ref], class_name: 'Tree', estimator: 'Tree', task: 'classification', fitted: true,
  features: ['age'], n_features: 1, classes: [], n_classes: 0, cell: 1, fresh: true, stale: ''
});
const glance = (more: Partial<KernelGlance>): ServerEvent => ({ type: 'kernel.view', command: '1', kernel: 'k', run: 'a', ...more });
const cards = (...refs: string[]): ServerEvent =>
  glance({ models: refs.map(model), n_models: refs.length, frames: [], running: { number: 3, elapsed_s: 1 } });
const stands = (state: string, more = {}): ServerEvent =>
  ({ type: 'kernel.changed', kernel: 'k', conversation: 'c', state, time: 7, ...more }) as ServerEvent;
const refs = (events: ServerEvent[]): string[] | undefined => lookOf(play(events), 'k')?.told.models?.map(one => one.ref);

test('a glance without cards keeps those that were seen, and tells what runs', () => {
  const events = [cards('clf'), glance({ running: { number: 4, elapsed_s: 2 } })];
  assert.deepEqual(refs(events), ['clf']);
  assert.equal(lookOf(play(events), 'k')?.told.running?.number, 4);
  assert.equal(lookOf(play(events), 'k')?.before, false);
});

test('an idle kernel runs no cell, whatever was seen before', () => {
  assert.equal(lookOf(play([cards('clf'), stands('idle')]), 'k')?.told.running, null);
  assert.equal(lookOf(play([cards('clf'), stands('busy')]), 'k')?.told.running?.number, 3);
});

test('cards of before a restart are said to be, at once, until new ones come', () => {
  const restarted = [cards('clf'), stands('restarting'), stands('attached')];
  assert.deepEqual([lookOf(play(restarted), 'k')?.before, refs(restarted)], [true, ['clf']]);
  const again = [...restarted, cards('other')];
  assert.deepEqual([lookOf(play(again), 'k')?.before, refs(again)], [false, ['other']]);
});

test('another process is noticed also where nobody told of a restart', () => {
  assert.equal(lookOf(play([cards('clf'), glance({ run: 'b' })]), 'k')?.before, true);
});

test('the log says once where the kernel was restarted, and asks for nothing', () => {
  const talk = script({ type: 'message', text: 'hi' }, { type: 'turn.ended', state: 'completed' });
  const state = play([...talk, stands('restarting'), stands('restarting', { time: 8 })]);
  const [, line, ...more] = turnsOf(state);
  assert.match(JSON.stringify(line.parts), /restarted here/);
  assert.deepEqual([line.state, more], ['completed', []]);
  assert.deepEqual(turnsOf(play([stands('restarting')])), [], 'nothing was said');
  assert.equal(only(state).seen, 2);
});

test('a widget that does not know the name of its kernel has seen only that one', () => {
  assert.equal(lookOf(play([cards('clf')]), '')?.told.kernel, 'k');
  assert.equal(lookOf(play([cards('clf')]), 'other'), undefined);
});

test('the page knows first when a kernel goes; else the service does', () => {
  const page = { id: 'k', name: 'Python', state: 'idle' as const, detail: '', notebook: 'n' };
  const service = stands('busy') as Parameters<typeof combined>[1];
  assert.equal(combined(page, service).state, 'busy');
  assert.equal(combined({ ...page, state: 'dead' }, service).state, 'dead');
  assert.equal(combined({ ...page, state: 'busy' }, undefined).state, 'busy');
});

test('cards are found by all of the words', () => {
  const texts = (one: ModelGlance): string[] => [one.ref, one.class_name];
  const all = [model('churn'), model('price')];
  assert.deepEqual(matching(all, ' TREE  pri ', texts).map(one => one.ref), ['price']);
  assert.equal(matching(all, '', texts), all);
  assert.deepEqual(matching(all, '[', texts), []);
});

test('what is hidden are the variables that a card stands for', () => {
  assert.deepEqual(namesOf({ ref: 'models["rf"]', names: ['models["rf"]', 'best', 'box.model'] }), ['models', 'best', 'box']);
  assert.deepEqual(namesOf({ ref: 'X' }), ['X']);
});

test('an input is described by what is known of it', () => {
  assert.equal(described({ name: 'age', dtype: 'int64', range: [20, 70], default: 45, unit: 'years' }, english), 'int64 · 20 to 70 years · usually 45');
  assert.equal(described({ name: 'plan', categories: ['a', 'b'], n_categories: 5, required: false }, english), 'a, b and 3 more · may be left out');
  assert.equal(described({ name: 'x' }, english), '');
});

test('a time is said as people say it', () => {
  assert.deepEqual([12.9, 60, 185, 3720, -1].map(seconds => spoken(seconds, english)), ['12 s', '1 min 0 s', '3 min 5 s', '1 h 2 min', '0 s']);
});

test('a turn has come to rest when it was at work before, in whichever conversation', () => {
  const begun = script({ type: 'message', text: 'hi' }, { type: 'turn.started', llm: 'x' });
  const ended = [...begun, ...script({}, {}, { type: 'turn.ended', state: 'completed' }).slice(2)];
  const [before, after] = [atWork(play(begun)), atWork(play(ended))];
  assert.deepEqual(rested(before, after), ['c']);
  assert.deepEqual(rested(after, before), []);
});
