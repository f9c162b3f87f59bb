import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConversationInfo, ServerEvent } from '../src/protocol.gen';
import { contextOf } from '../src/ui/conversations/elsewhere';
import { exported, fileName } from '../src/ui/conversations/exporting';
import { latest } from '../src/ui/conversations/latest';
import { joined } from '../src/ui/conversations/useListed';
import { dateOf, headingOf, llmParts, titleOf } from '../src/ui/conversations/words';
import { newConversation, newTurn } from '../src/ui/state/state';
import { english } from '../src/ui/trans';
import type { App } from '../src/ui/app';
import { play } from './streams';

const info = (more: Partial<ConversationInfo> = {}): ConversationInfo => ({ id: 'c', owner: 'me', ...more });
const known = (more: Partial<ConversationInfo>) => ({ ...newConversation('c'), info: info(more) });

test('a title is cut and never empty', () => {
  assert.equal(titleOf(info({ title: 'x'.repeat(10_000) }), english).length, 200);
  assert.equal(titleOf(info({ title: '  ' }), english), 'Untitled');
});

test('a conversation is called by its first question until somebody names it', () => {
  const turns = [newTurn('event-1', 1), { ...newTurn('t', 2), question: `which\n models ${'x'.repeat(100)}` }];
  assert.equal(headingOf({ ...newConversation('c'), turns }).length, 60);
  assert.ok(headingOf({ ...newConversation('c'), turns }).startsWith('which models x'));
  assert.equal(headingOf({ ...known({ title: 'Named' }), turns }), 'Named');
  assert.equal(headingOf(newConversation('c')), '');
});

test('a date is the stamp of the service, whatever time it is here', () => {
  assert.equal(dateOf(0), '');
  const year = String(new Date(4_000_000_000_000).getFullYear());
  assert.ok(dateOf(4_000_000_000).includes(year));
});

test('an llm has a provider, and slashes of its own', () => {
  assert.deepEqual(llmParts('openrouter/meta/llama'), { provider: 'openrouter', llm: 'meta/llama' });
  assert.deepEqual(llmParts('builtin'), { provider: '', llm: 'builtin' });
});

test('a file is named by letters of the title only', () => {
  assert.equal(fileName('../../etc/passwd: "x" <b>', 'json'), 'etc passwd x b.json');
  assert.equal(fileName('\u202e\n\0', 'markdown'), 'conversation.md');
  assert.equal(fileName('Größe 北', 'notebook'), 'Größe 北.ipynb');
  assert.equal([...fileName('𝒳'.repeat(100), 'json')].length, 65);
});

test('a file comes by REST where there is one, else over the socket', async () => {
  const api = { request: async (path: readonly string[]) => path.join('/') };
  const ask = async () => ({ text: 'told' });
  assert.equal(await exported({ host: { api }, ask } as unknown as App, 'c', 'json'), 'conversations/c/export');
  assert.equal(await exported({ host: {}, ask } as unknown as App, 'c', 'json'), 'told');
});

test('pages are joined without doubles, and what was heard is newer than what was fetched', () => {
  assert.deepEqual(joined([info(), info({ id: 'd' })], [info(), info({ id: 'e' })]).map(one => one.id), ['c', 'd', 'e']);
  const changed: ServerEvent = { type: 'conversation.changed', conversation: 'c', seq: 4, info: info({ title: 'New' }) };
  const gone: ServerEvent = { type: 'conversation.deleted', conversation: 'c', seq: 5 };
  assert.equal(latest(play([changed]), info({ title: 'Old', last_seq: 3 })).title, 'New');
  assert.equal(latest(play([changed]), info({ title: 'Newest', last_seq: 9 })).title, 'Newest');
  assert.equal(latest(play([changed, gone]), info({ last_seq: 4 })).deleted, true);
  const untitled: ServerEvent = { ...changed, info: info() };
  assert.equal(latest(play([untitled]), info({ title: 'Given', last_seq: 3 })).title, 'Given');
});

test('a message goes to the notebook of its conversation', () => {
  const here = { notebook: 'a.ipynb', kernel: 'k' };
  assert.deepEqual(contextOf(known({ notebook: 'b.ipynb' }), here), { notebook: 'b.ipynb' });
  for (const one of [undefined, known({}), known({ notebook: 'a.ipynb' }), { ...known({ notebook: 'b.ipynb' }), deleted: true }]) {
    assert.deepEqual(contextOf(one, here), here);
  }
});
