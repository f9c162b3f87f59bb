import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Card, Upload } from '../src/protocol.gen';
import { type Along, type Attached, alongIn, composed, labelOf, taking } from '../src/ui/bringing/attached';
import { completed, fitting, MOST_SHOWN, tokenAt } from '../src/ui/bringing/completing';
import { readDraft, writeDraft } from '../src/ui/bringing/drafts';
import { megabytes, problemOf } from '../src/ui/bringing/files';
import { recalled } from '../src/ui/bringing/history';
import { choicesOf } from '../src/ui/bringing/names';
import { PIECE_BYTES, sendFile } from '../src/ui/bringing/sending';
import type { Keep } from '../src/ui/host';
import { note } from '../src/ui/state/reducer';
import { initial } from '../src/ui/state/state';
import { english } from '../src/ui/trans';
import type { Api } from '../src/ui/wire/api';
import { lastTurn, play, script } from './streams';

const cell: Attached = { kind: 'cell', ref: 'In[3]', cell: 'a', number: 3, text: 'x = 1' };

test('a name is completed after an @ of its own, a command at the beginning', () => {
  assert.deepEqual(tokenAt('use @cl', 7), { sign: '@', word: 'cl', start: 4 });
  assert.deepEqual(tokenAt('@', 1), { sign: '@', word: '', start: 0 });
  assert.deepEqual(tokenAt('f(@x', 4), { sign: '@', word: 'x', start: 2 });
  assert.equal(tokenAt('me@example.org', 14), null);
  assert.equal(tokenAt('@clf needs', 10), null);
  assert.deepEqual(tokenAt('/ne', 3), { sign: '/', word: 'ne', start: 0 });
  assert.equal(tokenAt('what /ne', 8), null);
  assert.equal(tokenAt('/ne w', 5), null);
  assert.equal(tokenAt('x'.repeat(5_000_000), 5_000_000), null);
});

test('a choice takes the place of the word, and the caret stands behind it', () => {
  const choice = { label: 'clf', kind: 'model', about: '', insert: 'clf' };
  const token = { sign: '@' as const, word: 'c', start: 4 };
  assert.deepEqual(completed('use @c', token, 6, choice), { text: 'use clf ', caret: 8 });
  assert.deepEqual(completed('use @c now', token, 6, choice), { text: 'use clf now', caret: 8 });
});

const models: Card[] = Array.from({ length: 300 }, (_, at) => ({
  ref: `models["m${at}"]`,
  class_name: 'RandomForestClassifier',
  features: Array.from({ length: 40 }, (_, column) => `column ${column}`)
}));
const frames: Card[] = [
  { ref: 'X', class_name: 'DataFrame', shape: [10, 2000], columns: Array.from({ length: 2000 }, (_, at) => `column ${at}`) }
];

test('each column is named once, models come first, and many are found at once', () => {
  const variables = [{ ref: 'rate', class_name: 'float' }];
  const all = choicesOf({ models, frames, variables }, [{ id: 'a', number: 3, line: 'fit()' }, { id: 'b', number: null, line: '' }], english);
  assert.equal(all.length, 300 + 1 + 1 + 1 + 2000);
  assert.deepEqual(all[301], { label: 'rate', kind: 'variable', about: 'float', insert: 'rate' });
  assert.deepEqual(all.find(one => one.kind === 'column')?.insert, '`column 0`');
  assert.equal(all.find(one => one.kind === 'data')?.about, '10 × 2000');
  const begun = performance.now();
  const { shown, more } = fitting(all, 'column 19');
  assert.ok(performance.now() - begun < 50);
  assert.equal(shown[0].label, 'column 19');
  assert.equal(shown.length + more, 111);
  assert.equal(fitting(all, '').shown.length, MOST_SHOWN);
  assert.deepEqual(fitting(all, 'nowhere').shown, []);
});

test('where a name begins with the word counts more than where it only has it', () => {
  const named = (label: string) => ({ label, kind: '', about: '', insert: label });
  const { shown } = fitting(['subage', 'mean_age', 'AGE'].map(named), 'age');
  assert.deepEqual(shown.map(one => one.label), ['AGE', 'mean_age', 'subage']);
});

test('hostile names of columns are inserted as they are, without a second meaning', () => {
  const odd = choicesOf({ models: [], variables: [], frames: [{ ref: 'X', class_name: '', columns: ['a`b', '<b>x</b>'] }] }, [], english);
  assert.deepEqual(odd.slice(1).map(one => one.insert), ['a`b', '`<b>x</b>`']);
});

test('cells and errors go along by reference, a selection as text between fences it can not close', () => {
  const selection: Attached = { kind: 'selection', quote: 'a\n```\nb', number: 3 };
  const { text, along } = composed('why?', [cell, { ...cell }, selection]);
  assert.deepEqual(along.map(one => one.ref), ['In[3]']);
  assert.equal(text, 'why?\n\n````python\na\n```\nb\n````');
  assert.ok(!text.includes('x = 1'));
  assert.equal(labelOf(selection, english), '3 lines of In[3]');
});

test('up and down go through the own questions, newest first and each once; a text of one\'s own is left alone', () => {
  const asked = ['one', 'two', 'one'];
  assert.equal(recalled(() => asked, '', 'ArrowUp'), 'one');
  assert.equal(recalled(() => asked, 'one', 'ArrowUp'), 'two');
  assert.equal(recalled(() => asked, 'two', 'ArrowUp'), null);
  assert.equal(recalled(() => asked, 'two', 'ArrowDown'), 'one');
  assert.equal(recalled(() => asked, 'one', 'ArrowDown'), '');
  assert.equal(recalled(() => asked, '', 'ArrowDown'), null);
  assert.equal(recalled(() => asked, 'mine', 'ArrowUp'), null);
  assert.equal(recalled(() => [], '', 'ArrowUp'), null);
});

function memory(): Keep & { all: Map<string, string> } {
  const all = new Map<string, string>();
  return { all, get: name => all.get(name) ?? null, set: (name, value) => void (value ? all.set(name, value) : all.delete(name)) };
}

test('a draft is kept for its place without pictures, and an empty or a huge one is not', () => {
  const keep = memory();
  writeDraft(keep, 'a.ipynb', { text: 'half', attached: [{ ...cell, picture: 'data:image/png;base64,AAAA' }] });
  assert.deepEqual(readDraft(keep, 'a.ipynb'), { text: 'half', attached: [cell] });
  assert.deepEqual(readDraft(keep, 'b.ipynb'), { text: '', attached: [] });
  writeDraft(keep, 'a.ipynb', { text: 'x'.repeat(5_000_000), attached: [] });
  assert.equal(keep.all.size, 0);
  keep.set('draft:a.ipynb', '{"text": 7}');
  assert.deepEqual(readDraft(keep, 'a.ipynb'), { text: '', attached: [] });
  keep.set('draft:a.ipynb', 'no json');
  assert.equal(readDraft(keep, 'a.ipynb').text, '');
  assert.equal(readDraft(undefined, 'a.ipynb').text, '');
});

const file = (name: string, size: number): File =>
  ({ name, size, slice: (from: number, to: number) => new Blob(['x'.repeat(Math.max(0, Math.min(to, size) - from))]) }) as File;

test('what can not be taken is told before a byte is sent', () => {
  const room = { largest: 1_000_000, types: ['csv', 'pkl'] };
  assert.equal(problemOf(file('a.csv', 10), room, english), null);
  assert.match(problemOf(file('a.csv', 200_000_000), room, english)![0], /At most 1\.0 MB .* 200 MB/);
  assert.match(problemOf(file('a.csv', 0), room, english)![0], /empty/);
  assert.match(problemOf(file('a.exe', 10), room, english)![1], /: csv, pkl\.$/);
  assert.match(problemOf(file('noending', 10), room, english)![0], /kind/);
  assert.match(problemOf({ name: 'data.csv', folder: true }, room, english)![0], /folder/);
  assert.equal(problemOf(file('a.csv', 10), undefined, english), null);
  assert.equal(megabytes(512), '0.5 kB');
});

/** A server that keeps what arrives, and fails as it is told. */
function server(size: number, fails: (request: string) => unknown): { api: Api; log: string[] } {
  const log: string[] = [];
  let received = 0;
  const upload = (): Upload => ({ id: 'u', name: 'a.csv', bytes: size, received, created: 0, state: received < size ? 'receiving' : 'complete' });
  const api: Api = {
    address: () => '',
    async request<T>(path: readonly string[], { method = 'GET', query, bytes }: Parameters<Api['request']>[1] = {}) {
      const request = [method, path.join('/'), query?.offset ?? ''].join(' ').trim();
      log.push(request);
      const failure = fails(request);
      if (failure === 'half') {
        received += Math.floor((bytes?.size ?? 0) / 2);
      }
      if (failure) {
        throw failure === 'half' ? new TypeError('cut') : failure;
      }
      if (method === 'PATCH') {
        received += bytes?.size ?? 0;
      }
      return upload() as T;
    }
  };
  return { api, log };
}

const course = () => {
  const told: [number, boolean][] = [];
  return { told: (received: number, cut: boolean) => void told.push([received, cut]), seen: told, signal: new AbortController().signal, begun: () => undefined, pause: async () => undefined };
};

test('a file goes in pieces, and after a cut on from what has arrived', async () => {
  const size = PIECE_BYTES * 2 + 10;
  let cuts = 0;
  const { api, log } = server(size, request => {
    const cut = request === `PATCH uploads/u ${PIECE_BYTES}` && !cuts++;
    return cut ? 'half' : request === 'GET uploads/u' && cuts === 1 && cuts++ ? new TypeError('still away') : null;
  });
  const way = course();
  assert.equal((await sendFile(api, file('a.csv', size), way)).state, 'complete');
  assert.deepEqual(log, [
    'POST uploads',
    'PATCH uploads/u 0',
    `PATCH uploads/u ${PIECE_BYTES}`,
    'GET uploads/u',
    'GET uploads/u',
    `PATCH uploads/u ${PIECE_BYTES * 1.5}`
  ]);
  assert.deepEqual(way.seen, [
    [0, false],
    [PIECE_BYTES, false],
    [PIECE_BYTES, true],
    [PIECE_BYTES, true],
    [PIECE_BYTES * 1.5, false]
  ]);
});

test('what the server refuses is not tried again, and what was cancelled ends', async () => {
  const refusal = { code: 'unsupported', message: 'no' };
  const { api, log } = server(10, request => (request.startsWith('PATCH') ? refusal : null));
  await assert.rejects(sendFile(api, file('a.csv', 10), course()), refusal);
  assert.equal(log.length, 2);
  const gone = new AbortController();
  const other = server(10, () => new TypeError('away'));
  const sent = sendFile(other.api, file('a.csv', 10), { ...course(), signal: gone.signal, pause: async () => gone.abort() });
  await assert.rejects(sent, { name: 'AbortError' });
  assert.deepEqual(other.log, ['POST uploads']);
});

test('what went along is kept with the question, and read from there with distrust', () => {
  const { along } = composed('why?', [cell, { kind: 'file', ref: 'upload u', name: 'a.csv', text: 'secret', warning: true }]);
  const { context, metadata } = taking(along, { notebook: 'n.ipynb', attached: ['clf'] });
  assert.deepEqual(context, { notebook: 'n.ipynb', attached: ['clf', 'In[3]', 'upload u'] });
  const [, file] = JSON.parse(JSON.stringify(metadata)).attached;
  assert.deepEqual(file, { kind: 'file', ref: 'upload u', name: 'a.csv' }, 'and nothing of what is in it');
  assert.deepEqual(taking([], { notebook: 'n.ipynb' }), { context: { notebook: 'n.ipynb' } });
  assert.deepEqual(alongIn(JSON.parse(JSON.stringify(metadata))).map(one => labelOf(one, english)), ['In[3]', 'a.csv']);
  const odd = [null, 'x', 3, {}, { kind: 'spell', ref: 'x' }, { kind: 'cell', ref: {} }, { kind: 'file', ref: 'x', name: 3 }];
  assert.deepEqual(alongIn({ attached: odd }), []);
  assert.deepEqual([alongIn({ attached: 'all' }), alongIn({ cell: 3 }), alongIn()], [[], [], []]);
  const many: Along[] = Array.from({ length: 90 }, (_, at) => ({ kind: 'cell', ref: `In[${at}]` }));
  assert.equal(alongIn({ attached: many }).length, 50);
});

test('a question shows what went along from the moment it is sent', () => {
  const command = { type: 'turn.start', id: '1', text: 'why?', metadata: { attached: [{ kind: 'error', ref: 'error in In[2]', number: 2 }] } } as const;
  const sent = note(initial, command);
  assert.deepEqual(sent.outgoing[0].along.map(one => labelOf(one, english)), ['Error in In[2]']);
  const [told] = script({ type: 'message', text: 'why?', metadata: command.metadata });
  assert.deepEqual(lastTurn(play([told])).along, sent.outgoing[0].along);
});
