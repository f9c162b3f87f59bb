import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as React from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import type { Bound, Choices, Compared, ConversationInfo, ProviderInfo } from '../src/protocol.gen';
import { type App, AppContext } from '../src/ui/app';
import { bytes, dollars, price, short } from '../src/ui/choosing/amounts';
import { AnswersSection, inWordsAlone, switched } from '../src/ui/choosing/AnswersSection';
import { numberOf, problemWith } from '../src/ui/choosing/bounds';
import { rowsOf } from '../src/ui/choosing/ComparisonTable';
import { wordOf } from '../src/ui/choosing/health';
import { LlmCard } from '../src/ui/choosing/LlmCard';
import { grouped, LlmList } from '../src/ui/choosing/LlmList';
import { MemorySection } from '../src/ui/choosing/MemorySection';
import { changesOf, ParametersSection, typedOf } from '../src/ui/choosing/ParametersSection';
import { PolicySection } from '../src/ui/choosing/PolicySection';
import { linesOf } from '../src/ui/choosing/SpendingSection';
import { SynonymsSection } from '../src/ui/choosing/SynonymsSection';
import { english } from '../src/ui/trans';

const temperature: Bound = { name: 'temperature', minimum: 0, maximum: 1 };
const most: Bound = { name: 'max_tokens', minimum: 1, maximum: 200_000, whole: true };

test('amounts are short, and what is small keeps its figures', () => {
  assert.deepEqual([999, 1000, 128_000, 999_499, 999_500, 1_048_576].map(short), ['999', '1k', '128k', '999k', '1M', '1.05M']);
  assert.deepEqual([0, 0.4, 12, 0.0031, 0.00000012, null].map(dollars), ['$0.00', '$0.40', '$12.00', '$0.0031', '$0.00000012', null]);
  assert.deepEqual([4_700_000_000, 12_000_000, undefined].map(bytes), ['4.7 GB', '12 MB', null]);
});

test('a price says what it is for, and nothing where nothing is known', () => {
  assert.equal(price(0.4, 1.6, english), '$0.40 in, $1.60 out, for a million tokens');
  assert.equal(price(null, 1.6, english), '$1.60 out, for a million tokens');
  assert.equal(price(0, 0, english), 'free');
  assert.equal(price(null, undefined, english), null);
});

test('a number is read as people write it', () => {
  assert.deepEqual(['', ' 0,7 ', '.5', '1e3', '-1'].map(numberOf), [null, 0.7, 0.5, 1000, -1]);
  for (const text of ['hot', '1.2.3', '0x10', 'Infinity', '--1', '1 000', '.']) {
    assert.ok(Number.isNaN(numberOf(text)), text);
  }
});

test('a value out of bounds says what it may be, before it is sent', () => {
  assert.equal(problemWith('1.2', temperature, english), 'A number from 0 to 1.');
  assert.equal(problemWith('hot', temperature, english), 'A number from 0 to 1.');
  assert.equal(problemWith('2.5', most, english), 'A whole number from 1 to 200,000.');
  assert.deepEqual(['', '0', '1', '0,3'].map(text => problemWith(text, temperature, english)), ['', '', '', '']);
});

test('only what was changed is sent, and what was emptied is taken back', () => {
  const before = typedOf({ temperature: 0.7, top_k: 40, system: 'In German.' });
  assert.deepEqual(changesOf(before, before), {});
  const typed = { ...before, temperature: '', max_tokens: '500', system: ' ' };
  assert.deepEqual(changesOf(before, typed), { temperature: null, max_tokens: 500, system: null });
});

test('zero is a value of its own', () => {
  assert.equal(typedOf({ temperature: 0 }).temperature, '0');
  assert.deepEqual(changesOf(typedOf(), typedOf({ temperature: 0 })), { temperature: 0 });
});

test('what is left of a budget is said, in tokens and in money', () => {
  const lines = linesOf({ scope: 'day', tokens: 1000, spent: 1200, usd: 2, spent_usd: 0.5 }, english);
  assert.deepEqual(
    lines.map(line => [line.text, line.share]),
    [
      ['1.2k of 1k tokens, 0 left', 1],
      ['$0.50 of $2.00, $1.50 left', 0.25]
    ]
  );
  assert.deepEqual(linesOf({ scope: 'turn', tokens: 500 }, english).map(line => line.text), ['at most 500 tokens']);
  assert.deepEqual(linesOf({ scope: 'day', tokens: 0, spent: 0 }, english)[0].share, 1);
  assert.deepEqual(linesOf({ scope: 'conversation', spent: 0, spent_usd: 0 }, english).map(line => line.share), [null, null]);
});

test('two answers have a row for each measure, and who stepped in is named', () => {
  const one: Compared = {
    llm: 'a/x',
    answered_by: 'a/x',
    conversation: 'c',
    turn: 't',
    state: 'completed',
    elapsed_ms: 1234,
    prompt_tokens: 11,
    completion_tokens: 7,
    cost: 0.002,
    tool_calls: [
      { tool: 'list_models', ok: true, elapsed_ms: 12 },
      { tool: 'get_model_info', ok: false, elapsed_ms: 3 }
    ]
  };
  const other: Compared = { ...one, llm: 'b/y', answered_by: 'b/y', cost: null, tool_calls: [] };
  assert.deepEqual(rowsOf([one, other], english), [
    ['Time', ['1.2 s', '1.2 s']],
    ['Tokens', ['11 in, 7 out', '11 in, 7 out']],
    ['Cost', ['$0.0020', 'not known']],
    ['Tool calls', ['list_models (12 ms), get_model_info (failed)', 'none']]
  ]);
  assert.deepEqual(rowsOf([one, { ...other, answered_by: 'builtin' }], english)[0], ['Answered by', ['a/x', 'builtin']]);
});

test('llms stand below their providers, first those that can be used', () => {
  const llms = ['b/1', 'a/1', 'b/2', 'c/1'].map(id => ({ id, name: id.slice(2), provider: id[0] }));
  const providers = [{ name: 'c', usable: true }, { name: 'b', usable: false }] as ProviderInfo[];
  assert.deepEqual(grouped(llms, providers).map(([provider, some]) => [provider, some.map(one => one.id)]), [
    ['c', ['c/1']],
    ['b', ['b/1', 'b/2']],
    ['a', ['a/1']]
  ]);
});

test('a state that this panel does not know is said as it is', () => {
  const provider = { status: 'resting' } as unknown as Parameters<typeof wordOf>[0];
  assert.equal(wordOf(provider, english), 'resting');
  assert.equal(wordOf({ ...provider, status: 'no_key' }, english), 'no key');
});

test('the ways without tools are known by name', () => {
  assert.deepEqual(['agent', 'direct', 'external/support', 'auto', 'builtin', ''].map(inWordsAlone), [false, true, true, false, false, false]);
});

test('the switch brings tools back at once, by the way they were there before if that is known', () => {
  const cases: [string, string?][] = [['direct'], [''], ['external/support'], ['direct', 'auto'], ['direct', '']];
  assert.deepEqual(cases.map(([own, before]) => switched(true, own, before)), ['agent', 'agent', 'agent', 'auto', '']);
  assert.equal(switched(false, 'auto'), 'direct');
});

// -- as they are drawn -----------------------------------------------------------------------------------

const info: ConversationInfo = { id: 'c', owner: 'ada' };
const routes = [
  { name: 'agent', description: 'With tools.' },
  { name: 'direct', description: 'In words alone.' },
  { name: 'external/away', description: 'Elsewhere.', problem: 'It has no address.' }
];
const choices: Choices = {
  routes,
  prompts: [{ name: 'terse', text: 'Short.', description: 'Three lines.', shipped: true }],
  bounds: [temperature, { ...most, taken: false }],
  llm: 'openai/x',
  route: 'agent',
  memory: { turns: 0, summaries: false },
  policy: { read: 'allow', predict: 'allow', write: 'allow', disclose: 'deny', execute: 'ask' }
};
const nothing = { choices, info, change: () => Promise.resolve(true) };

function drawn<P extends object>(view: (props: P) => JSX.Element | null, props: P): string {
  const app = { host: {}, open: () => undefined } as unknown as App;
  const inside = React.createElement(view, props);
  return renderToStaticMarkup(React.createElement(AppContext.Provider, { value: app }, inside));
}

test('what is locked can not be changed, and says who has fixed it', () => {
  const locked: Choices = { ...choices, locked: ['route', 'prompt', 'parameters', 'memory', 'policy'] };
  for (const view of [AnswersSection, ParametersSection, MemorySection, PolicySection]) {
    const open = drawn(view, nothing);
    assert.doesNotMatch(open, /Fixed by your administrator/);
    const shut = drawn(view, { ...nothing, choices: locked });
    assert.match(shut, /Fixed by your administrator \(<code>lock_settings<\/code>\)/);
    const controls = shut.match(/<(input|select|textarea)\b[^>]*>/g) ?? [];
    assert.ok(controls.length && controls.every(one => one.includes('disabled=""')), shut);
  }
});

test('what was chosen and is gone is named, and stays to be seen', () => {
  const gone: Choices = { ...choices, route: 'external/old', prompt: 'weekly' };
  const page = drawn(AnswersSection, { ...nothing, choices: gone, info: { ...info, route: 'external/old', prompt: 'weekly' } });
  assert.match(page, /There is no route <code>external\/old<\/code> any more/);
  assert.match(page, /There is no prompt <code>weekly<\/code> any more/);
  assert.match(page, /<option value="weekly" selected="">/);
  assert.match(page, /<option value="external\/away" disabled="">/, 'a way that can not be taken now');
});

test('a saved value out of the bounds of another llm says so at once', () => {
  const page = drawn(ParametersSection, { ...nothing, info: { ...info, parameters: { temperature: 1.8 } } });
  assert.match(page, /A number from 0 to 1\./);
  assert.match(page, /1 to 200,000; not sent to <code>openai\/x<\/code>/);
});

test('only what was always allowed is taken back, and what nobody may do is not offered', () => {
  const page = drawn(PolicySection, {
    ...nothing,
    choices: { ...choices, capped: ['disclose'] },
    info: { ...info, levels: { write: 'allow' } }
  });
  assert.equal(page.match(/Take back/g)?.length, 1);
  assert.equal(page.match(/value="allow"/g)?.length, 1, 'nothing else can be allowed here');
  assert.match(page, /Not permitted by your administrator \(<code>max_effects<\/code>\)/);
});

test('of 2,000 llms a hundred are drawn, and what a provider calls them is text', () => {
  const llms = Array.from({ length: 2000 }, (_, at) => ({ id: `p/${at}`, name: `<img src=x>${at}`, provider: 'p' }));
  const still = { onWord: () => undefined, onActive: () => undefined, onTake: () => undefined };
  const page = drawn(LlmList, { word: '', llms, providers: [], inUse: 'p/3', active: 'p/3', ...still });
  assert.equal(page.match(/role="option"/g)?.length, 100);
  assert.equal(page.match(/aria-selected="true"/g)?.length, 1);
  assert.ok(!page.includes('<img'));
  const [, pointed] = /aria-activedescendant="([^"]+)"/.exec(page) ?? [];
  assert.ok(page.includes(`id="${pointed}" role="option" aria-selected="true"`));
});

test('a provider without a key names the variable', () => {
  const provider = { name: 'p', title: 'P', status: 'no_key', key: 'P_API_KEY', usable: false } as ProviderInfo;
  const page = drawn(LlmCard, { llm: { id: 'p/x', name: 'x', provider: 'p' }, provider, children: null });
  assert.match(page, /no key/);
  assert.match(page, /<code>P_API_KEY=…<\/code>/);
  assert.match(page, /parameters, quantization, size, context, longest answer, price, can do/);
});

test('what was meant stands there as text, each with a button of its own', () => {
  const synonyms = [
    { turn: 't1', said: '<b>the usual</b>', meant: 'which models are there?' },
    { turn: 't2', said: 'go', meant: 'predict with pipe' }
  ];
  const page = drawn(SynonymsSection, { synonyms, obey: () => Promise.resolve(true) });
  assert.match(page, /“&lt;b&gt;the usual&lt;\/b&gt;” is read as “which models are there\?”/);
  assert.match(page, /aria-label="Forget what “go” means"/);
  assert.match(drawn(SynonymsSection, { synonyms: [], obey: () => Promise.resolve(true) }), /Nothing yet/);
});
