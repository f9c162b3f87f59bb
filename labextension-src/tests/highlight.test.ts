import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokensOf } from '../src/widget/highlight';

const said = (code: string, language: string): string[] =>
  tokensOf(code, language).flatMap(({ kind, text }) => (kind ? [`${kind} ${text}`] : []));

test('python, sql, json and shell are told by comments, texts, numbers and words', () => {
  assert.deepEqual(said('def f(x2=1.5):  # why "not"\n    return f"a\\"b" or """c\nd"""', 'python'), [
    'word def',
    'number 1.5',
    'comment # why "not"',
    'word return',
    'text f"a\\"b"',
    'word or',
    'text """c\nd"""'
  ]);
  assert.deepEqual(said("Select 'it''s' from t -- x", 'sql'), ['word Select', "text 'it''s'", 'word from', 'comment -- x']);
  assert.deepEqual(said('{"a": [1, null]}', 'json'), ['text "a"', 'number 1', 'word null']);
  assert.deepEqual(said('if ls; then # x', 'bash'), ['word if', 'word then', 'comment # x']);
});

test('no letter is lost, in whichever language, also where the code is not whole yet', () => {
  const pieces = ['"""open', "'", '"\\', '#', '/* x', 'été_1 = "ü"', '\ud83d\ude00 1', '', 'x = 1\n'];
  for (const language of ['python', 'sql', 'json', 'bash', 'constructor', '']) {
    for (const code of pieces) {
      assert.equal(tokensOf(code, language).map(token => token.text).join(''), code, `${language}: ${code}`);
    }
  }
});

test('a long line of quotes takes no time', () => {
  const began = performance.now();
  tokensOf(`x = ${'"\\'.repeat(50_000)}`, 'python');
  tokensOf("'".repeat(100_001), 'sql');
  assert.ok(performance.now() - began < 1000);
});
