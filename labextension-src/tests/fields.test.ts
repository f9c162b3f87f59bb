import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Field } from '../src/protocol.gen';
import { FieldRow, valuesOf } from '../src/ui/forms/fields';

function controlOf(field: Field): { type: string; props: { [name: string]: unknown } } {
  const row = FieldRow({ id: 'a', field, value: 'It came late,\nand broken.', missing: false, onChange: () => undefined });
  return row.props.children[1];
}

test('a text of a model that reads texts is written in an area of several lines', () => {
  const control = controlOf({ name: 'text', kind: 'textarea' });
  assert.equal(control.type, 'textarea');
  assert.equal(control.props.value, 'It came late,\nand broken.');
  assert.ok(Number(control.props.rows) > 1);
});

test('other kinds keep a line or a choice', () => {
  assert.equal(controlOf({ name: 'fee', kind: 'number' }).type, 'input');
  assert.equal(controlOf({ name: 'city', kind: 'text' }).type, 'input');
  assert.equal(controlOf({ name: 'plan', kind: 'choice', options: ['a'] }).type, 'select');
});

test('a text is sent as it was written', () => {
  const fields: Field[] = [{ name: 'text', kind: 'textarea' }];
  assert.deepEqual(valuesOf(fields, { text: 'true, in\ntwo lines' }), { text: 'true, in\ntwo lines' });
});
