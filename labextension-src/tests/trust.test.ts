import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as React from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import type { HelpRequest, ToolResult } from '../src/protocol.gen';
import { type App, AppContext, MeContext } from '../src/ui/app';
import { ApprovalCard } from '../src/ui/forms/ApprovalCard';
import type { Host } from '../src/ui/host';
import { unread } from '../src/ui/people/useQueue';
import { standingOf } from '../src/ui/trust/level';
import { rowsIn } from '../src/ui/trust/Preview';
import { type ApprovalPart, initial, type Me } from '../src/ui/state/state';
import { bytesOf, keptHere, messagesOf, replaced, restOf, sameStart } from '../src/ui/trust/request';
import { only, play, script } from './streams';

const BODY = {
  model: 'gpt-4.1-mini',
  temperature: 0,
  tools: [{ type: 'function', function: { name: 'list_models', parameters: {} } }],
  messages: [
    { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
    { role: 'user', content: 'which models?' },
    { role: 'assistant', content: null, tool_calls: [{ id: 'c1', function: { name: 'list_models', arguments: '{"n": 2}' } }] },
    { role: 'tool', tool_call_id: 'c1', content: '{"mean":"(held back)","by":"[email]"}' }
  ]
};

test('a request is told message by message, with what else it has', () => {
  const said = messagesOf(BODY);
  assert.deepEqual(said.map(one => one.role), ['system', 'user', 'assistant', 'tool']);
  assert.deepEqual([said[0].text, said[1].text], ['Be brief.', 'which models?']);
  assert.deepEqual(said[2].calls, ['list_models({"n": 2})']);
  assert.deepEqual([said[3].tool, said[3].text.includes('\n  "mean"')], ['list_models', true]);
  assert.deepEqual(restOf(BODY), ['tools: list_models', 'model: gpt-4.1-mini', 'temperature: 0']);
  assert.deepEqual(replaced(said), [
    { why: 'level', count: 1 },
    { why: 'personal', count: 1 }
  ]);
});

test('what a provider was told already is counted from the beginning', () => {
  const said = messagesOf(BODY);
  assert.equal(sameStart(said.slice(0, 2), said), 2);
  assert.equal(sameStart(said, said.slice(1)), 0);
});

test('bodies of other shapes are told too, and sizes count bytes', () => {
  assert.deepEqual([messagesOf({}), messagesOf({ messages: 'none' })], [[], []]);
  assert.deepEqual(restOf({ held_back: 'It waits.' }), ['held_back: It waits.']);
  assert.equal(bytesOf({ llm: 'x/y', attempt: '', time: 0, body: { a: 'é' } }), 10);
});

test('a link in an answer is no replaced text', () => {
  assert.deepEqual(replaced([{ role: 'assistant', tool: '', text: 'See [phone](https://x).', pictures: [], calls: [] }]), []);
});

test('what stayed on the machine is told by its place', () => {
  const data = { n: 3, features: [{ name: 'plan' }, { name: 'age', range: [1, 9] }], top: 'class 1 of 2' };
  const local = { n: 3, features: [{ name: 'plan', categories: ['pro'] }, { name: 'age', range: [0, 10] }], top: 'gold' };
  assert.deepEqual(keptHere({ ok: true, data, local }), ['features[].categories', 'features[].range[]', 'top']);
  assert.deepEqual(keptHere({ ok: true, data, local: null }), []);
});

test('offline is where the built-in engine answers, and nothing outside does', () => {
  const asked = (llm: string) => only(play(script({ type: 'message', text: 'x' }, { type: 'turn.started', llm })));
  assert.equal(standingOf(asked('openai/gpt'), 'aggregates', 'builtin'), 'offline');
  assert.equal(standingOf(asked('builtin'), 'schema', ''), 'offline');
  assert.equal(standingOf(asked('external/agent'), 'schema', 'builtin'), 'schema');
  assert.equal(standingOf(undefined, 'rows', 'openai/gpt'), 'rows');
  assert.equal(standingOf(undefined, 'aggregates', ''), 'aggregates');
});

test('rows that were allowed for good leave in that conversation', () => {
  const closed = (always: boolean) =>
    only(
      play(
        script(
          { type: 'approval.asked', approval: 'p', call: 'c', tool: 'sample_rows', args: {}, effect: 'disclose', summary: '' },
          { type: 'approval.closed', approval: 'p', outcome: 'allowed', always }
        )
      )
    );
  assert.equal(standingOf(closed(true), 'aggregates', 'openai/gpt'), 'rows');
  assert.equal(standingOf(closed(false), 'aggregates', 'openai/gpt'), 'aggregates');
});

test('the rows of a result are found, whatever they are called', () => {
  const local = { data: 'df', columns: ['age'], rows: [{ row: 0, age: 20 }, { row: 3, age: null }] };
  assert.deepEqual(rowsIn({ ok: true, data: {}, local }), [{ name: 'rows', columns: ['row', 'age'], rows: local.rows }]);
  const near: ToolResult = { ok: true, data: { examples: [{ row: 1, values: { age: 4 }, truth: 'yes' }] } };
  assert.deepEqual(rowsIn(near)[0].columns, ['row', 'age', 'truth']);
  assert.deepEqual(rowsIn({ ok: true, data: { rows: [], n: 0 } }), []);
});

test('what waits for an expert: requests of others that nobody has, and questions in their own', () => {
  const one = (owner: string, expert: string, waiting: number): HelpRequest => ({
    conversation: owner,
    owner,
    mode: 'expert',
    asked: 0,
    expert,
    waiting
  });
  assert.equal(unread([one('ada', '', 2), one('bob', 'eve', 3), one('cyd', 'fay', 4), one('eve', '', 5)], 'eve'), 4);
});

test('an approval offers what can be given from here, and no more', () => {
  const turn = only(
    play(
      script({
        type: 'approval.asked',
        approval: 'a',
        call: 'x',
        tool: 'delete_model',
        args: {},
        effect: 'write',
        summary: 'Delete pipe.'
      })
    )
  ).turns[0];
  const part = turn.parts[0] as ApprovalPart;
  const host = {} as Host;
  const offered = (may: Partial<Me>): (string | undefined)[] => {
    const card = React.createElement(ApprovalCard, { part, turn, host, send: () => undefined });
    const here = React.createElement(MeContext.Provider, { value: { ...initial.me, ...may } }, card);
    const page = renderToStaticMarkup(React.createElement(AppContext.Provider, { value: { host } as App }, here));
    return [...page.matchAll(/<button[^>]*>([^<]*)/g)].map(([, words]) => words);
  };
  assert.deepEqual(offered({}), ['Allow once', 'Deny', 'Always for this conversation']);
  assert.deepEqual(offered({ lasting: false }), ['Allow once', 'Deny']);
  assert.deepEqual(offered({ lasting: false, unapproved: ['write'] }), ['Deny']);
});
