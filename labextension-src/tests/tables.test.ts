import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellOf, readable } from '../src/ui/turns/tables';
import { english } from '../src/ui/trans';
import { argsOf } from '../src/ui/turns/RunAgain';
import { sourcesOf } from '../src/ui/turns/sources';
import { clock } from '../src/ui/turns/Steps';

test('lists of records are tables, whatever each of them has, and the rest are facts', () => {
  const { facts, tables } = readable({
    total: 2,
    cell: null,
    feature_names: ['age', 'income'],
    models: [{ id: 'clf', n_features: 2 }, { id: 'reg', note: { why: 'new', on: true }, cell: null }]
  });
  assert.deepEqual(facts, [['total', '2'], ['feature names', 'age, income']]);
  assert.deepEqual(tables, [
    {
      name: 'models',
      columns: ['id', 'n features', 'note why', 'note on'],
      rows: [
        ['clf', 2, undefined, undefined],
        ['reg', undefined, 'new', true]
      ]
    }
  ]);
});

test('names of columns and classes are told as they are, and records under names keep those', () => {
  const { tables } = readable({ per_class: { class_A: { f1: 0.5 }, b: { f1: 1 } }, probability: { '0': 0.25, '1': 0.75 } });
  assert.deepEqual(tables[0], { name: 'per class', columns: ['', 'f1'], rows: [['class_A', 0.5], ['b', 1]] });
  assert.deepEqual(tables[1], { name: 'probability', columns: [], rows: [['0', 0.25], ['1', 0.75]] });
});

test('what lies deeper says where', () => {
  const { facts, tables } = readable({ best: { score: 0.5, folds: [{ fold: 1 }], params: { depth: 3 } } });
  assert.deepEqual(facts, [['best, score', '0.5']]);
  assert.deepEqual(tables.map(one => one.name), ['best, folds', 'best, params']);
});

test('a cell is short and keeps what a number says', () => {
  assert.deepEqual([0.123456789, 1234567, null, true, '<b>', [1, 2]].map(cellOf), ['0.123457', '1234567', '', 'true', '<b>', '1, 2']);
  assert.ok(cellOf('x'.repeat(5000)).length < 200);
});

test('arguments are one JSON object', () => {
  assert.deepEqual(argsOf('{"a": [1]}', english), { args: { a: [1] } });
  assert.deepEqual(argsOf('  ', english), { args: {} });
  assert.ok('problem' in argsOf('[1]', english));
  assert.ok('problem' in argsOf('null', english));
  assert.match((argsOf('{a: 1}', english) as { problem: string }).problem, /not JSON/);
});

test('a number is found as it was said: rounded, in percent, with commas, or as a count', () => {
  const data = { accuracy: 0.97333, rows: 12345, models: [{ id: 'clf' }, { id: 'b' }], 'a b': { c: -1.5 } };
  const fields = (text: string): string[] => sourcesOf(data, text).map(one => `${one.how} ${one.field}`);
  assert.deepEqual(fields('0.97'), ['value accuracy']);
  assert.deepEqual(fields('97.3 %'), ['share accuracy']);
  assert.deepEqual(fields('12,345'), ['value rows']);
  assert.deepEqual(fields('2'), ['count models']);
  assert.deepEqual(fields('-1.5'), ['value ["a b"].c']);
  assert.deepEqual(fields('clf'), ['value models[0].id']);
  assert.deepEqual(fields('rows'), ['name rows']);
  assert.deepEqual(fields('0.98'), []);
  assert.deepEqual(fields('1.2e4'), ['value rows']);
});

test('of many places where a number stands the likeliest are told', () => {
  const many = Array.from({ length: 50 }, () => 7);
  assert.equal(sourcesOf({ many, seven: many.slice(0, 7) }, '7').length, 3);
});

test('time that passes is told in seconds, then in minutes', () => {
  assert.deepEqual([3, 59, 60, 605].map(clock), ['3 s', '59 s', '1:00 min', '10:05 min']);
});
