import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Field } from '../src/protocol.gen';
import type { FormPart, Turn } from '../src/ui/state/state';
import { callOf, changed } from '../src/ui/forms/again';
import { fenced, plainly } from '../src/ui/forms/code';
import { controlOf } from '../src/ui/forms/fields';
import { matching } from '../src/ui/forms/Search';
import { filledOf, numberOf, problemOf, rangeOf, remarkOf, valuesOf } from '../src/ui/forms/values';
import { english } from '../src/ui/trans';
import { partViews } from '../src/ui/turns/views';

const age: Field = { name: 'age', kind: 'integer', minimum: 20, maximum: 70, unit: 'years' };

test('each kind of field has its control', () => {
  const control = (field: Partial<Field>): string => controlOf({ name: 'x', ...field });
  assert.equal(control({ kind: 'textarea' }), 'textarea');
  assert.equal(control({ kind: 'number' }), 'line');
  assert.equal(control({ kind: 'text' }), 'line');
  assert.equal(control({ kind: 'boolean' }), 'select');
  assert.equal(control({ kind: 'choice', options: ['a', 'b'] }), 'select');
  assert.equal(control({ kind: 'choice', options: Array.from({ length: 500 }, (_, n) => n) }), 'search');
  assert.equal(control({ kind: 'reference', options: ['X[0]'] }), 'search');
  assert.equal(control({ kind: 'datetime' }), 'date');
  assert.equal(control({ kind: 'datetime', default: '2024-05-31' }), 'date');
  assert.equal(control({ kind: 'datetime', default: '2024-05-31T10:00:00' }), 'datetime-local');
  assert.equal(control({ kind: 'datetime', value: 'yesterday' }), 'line', 'what was typed must not vanish');
});

test('numbers are read as they are written', () => {
  const read: [string, number | null][] = [
    ['5', 5], [' 5.5 ', 5.5], ['1e5', 100_000], ['-1E-3', -0.001], ['.5', 0.5], ['5.', 5], ['007', 7], ['+3', 3],
    ['1,5', 1.5], ['\u22125', -5], ['1,234', null], ['1,234.5', null], ['12345678901234567890', null], ['NaN', null],
    ['Infinity', null], ['0x10', null], ['1_000', null], ['1 000', null], ['', null], ['e5', null], ['1,2,3', null]
  ];
  for (const [text, number] of read) {
    assert.equal(numberOf(text), number, text);
  }
});

test('values are typed as their fields say, and what is none stays text', () => {
  const fields: Field[] = [
    { name: 'fee', kind: 'number' }, { name: 'large', kind: 'number' }, { name: 'vip', kind: 'boolean' },
    { name: 'plan', kind: 'choice', options: [1, 'pro'] }, { name: 'code', kind: 'text' }, { name: 'day', kind: 'datetime' },
    { name: 'text', kind: 'textarea' }, { name: 'empty', kind: 'number' }
  ];
  const filled = filledOf([
    ['fee', '9,5'], ['large', '1,234'], ['vip', 'false'], ['plan', '1'], ['code', '007'], ['day', '2024-05-31'],
    ['text', 'true, in\ntwo lines'], ['empty', '  ']
  ]);
  assert.deepEqual(valuesOf(fields, filled), {
    fee: 9.5, large: '1,234', vip: false, plan: 1, code: '007', day: '2024-05-31', text: 'true, in\ntwo lines'
  });
});

test('names that JavaScript has for itself are names like any other', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'a"b', 'two\nlines', '🌧']) {
    const field: Field = { name, kind: 'number' };
    assert.equal(JSON.stringify(valuesOf([field], filledOf([]))), '{}');
    const given = valuesOf([field], filledOf([[name, '5']]));
    assert.equal(JSON.stringify(given), `{${JSON.stringify(name)}:5}`);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  }
});

test('what is missing or no number is not sent, what is unusual is only remarked on', () => {
  assert.match(problemOf(age, ' ', english), /needed/);
  assert.equal(problemOf({ ...age, required: false }, '', english), '');
  assert.match(problemOf(age, 'NaN', english), /no number/);
  assert.equal(problemOf(age, '1,234', english), '', 'the service reads it');
  assert.equal(problemOf(age, '900', english), '');
  assert.match(remarkOf(age, '900', english), /Outside of 20 to 70 years/);
  assert.match(remarkOf(age, '30.5', english), /whole numbers/);
  assert.equal(remarkOf(age, '30', english), '');
  assert.match(remarkOf({ name: 'fee', kind: 'number' }, '1,5', english), /Read as 1.5/);
  const plan: Field = { name: 'plan', kind: 'choice', options: ['a', 'b'] };
  assert.match(remarkOf(plan, 'c', english), /Not one of/);
  assert.equal(remarkOf(plan, 'a', english), '');
  assert.equal(rangeOf({ name: 'x', minimum: 0.1234567, maximum: 1e9 }, english), '0.123457 to 1000000000');
});

test('among thousands the one that is called so comes first', () => {
  const fields = Array.from({ length: 2000 }, (_, n): Field => ({ name: `a ${n}` }));
  assert.deepEqual(matching(fields, 'A 7').slice(0, 3).map(field => field.name), ['a 7', 'a 70', 'a 71']);
  assert.deepEqual(matching(fields, '.*'), []);
});

const part = (spec: FormPart['spec']): FormPart => ({ kind: 'form', key: 'f', call: 'c', spec, closed: null, fault: null });
const turn = (args: object): Turn =>
  ({ parts: [{ kind: 'tool', key: 'c', tool: 'make_prediction', args, effect: 'predict', progress: null, result: null }] }) as unknown as Turn;

test('another value makes another call, with what was given before', () => {
  const form = part({ title: 't', target: 'features', fields: [{ name: 'a' }, { name: 'b' }] });
  const call = callOf(form, turn({ model_id: 'm', features: { a: 1, b: 2, unasked: 3 } }))!;
  assert.deepEqual(changed(call, form, { a: 5 }, ''), {
    tool: 'make_prediction', args: { model_id: 'm', features: { unasked: 3, a: 5 } }
  });
  assert.equal(callOf(part({ title: 't', args: { model_id: 'm' } }), turn({})), null);
  assert.equal(callOf(part({ title: 't', kind: 'choice' }), turn({})), null);
});

test('what was left as it is in the row is not said again', () => {
  const form = part({ title: 't', target: 'features', fields: [{ name: 'a', value: 61 }, { name: 'b', value: 2 }] });
  const call = callOf(form, turn({ row: 'X[0]', features: { b: 3 } }))!;
  assert.deepEqual(changed(call, form, { a: 61, b: 4 }, '').args, { row: 'X[0]', features: { b: 4 } });
  const wide = part({ ...form.spec, start: { name: 'row', value: 'median' } });
  assert.deepEqual(changed(call, wide, { a: 61 }, 'X[9]').args, { row: 'X[9]', features: { a: 61 } });
  assert.deepEqual(changed(call, wide, {}, '').args, { row: 'median', features: {} });
});

test('code that would look like other code is shown as what it is', () => {
  assert.deepEqual(plainly('a = 1\n\tb\r\n'), { code: 'a = 1\n\tb\r\n', hidden: false });
  assert.deepEqual(plainly('a\u202e\u200b'), { code: 'a⟦U+202E⟧⟦U+200B⟧', hidden: true });
  assert.equal(fenced('x = "```"'), '````python\nx = "```"\n````');
});

test('others register views of their kinds, and of no kind that is taken', () => {
  const views = partViews(new Set(['form']));
  let told = 0;
  const quiet = views.onChange(() => told++);
  const view = (): null => null;
  const end = views.register('acme.map', view);
  assert.equal(views.find('acme.map'), view);
  assert.throws(() => views.register('acme.map', view), /already/);
  assert.throws(() => views.register('form', view), /already/);
  end();
  assert.equal(views.find('acme.map'), undefined);
  assert.equal(told, 2);
  quiet();
  views.register('acme.map', view);
  assert.equal(told, 2);
});
