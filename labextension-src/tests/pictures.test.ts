import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as React from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { MAX_PICTURE_BYTES, MAX_PICTURES, type Picture } from '../src/protocol.gen';
import { type Attached, composed, problemIn, taking, wayOf } from '../src/ui/bringing/attached';
import { english } from '../src/ui/trans';
import { bytesIn, bytesOf, messagesOf, tokensOf } from '../src/ui/trust/request';
import { addressOf } from '../src/ui/turns/picture';
import { Pictures } from '../src/ui/turns/Pictures';
import { lastTurn, play, script } from './streams';

const DATA = `iVBORw0KGgo${'A'.repeat(85)}`;
const URL = `data:image/png;base64,${DATA}`;
const figure: Attached = { kind: 'figure', ref: 'figure of In[5]', number: 5, picture: URL };
const picture: Picture = { media_type: 'image/png', data: DATA, from: 'figure of In[5]' };

test('a figure goes along as a picture', () => {
  const { images, along } = composed('what is it?', [figure, { kind: 'cell', ref: 'In[3]' }]);
  assert.deepEqual(images, [picture]);
  assert.deepEqual(taking(along, {}, images).images, [picture]);
  assert.ok(!('images' in taking(along, {})));
  assert.match(wayOf(figure, english), /^Sent as a picture/);
});

test('what can not go as a picture is named alone, and that is said before', () => {
  const large = `${URL}${'A'.repeat(MAX_PICTURE_BYTES)}`;
  for (const other of [URL.replace('png', 'gif'), URL.replace('png', 'jpeg'), 'data:image/svg+xml;base64,AAAA', large, 'https://x/a.png']) {
    const one = { ...figure, picture: other };
    assert.deepEqual(composed('', [one]).images, []);
    assert.match(wayOf(one, english), /^Named in your message/);
  }
  // After a reload its picture is gone.
  assert.match(wayOf({ kind: 'figure', ref: 'figure of In[5]' }, english), /^Named in your message; tools/);
});

test('more than can go along are not sent', () => {
  const many = (count: number): Attached[] => Array.from({ length: count }, () => figure);
  assert.equal(problemIn(composed('', many(MAX_PICTURES)).images, english), '');
  assert.notEqual(problemIn(composed('', many(MAX_PICTURES + 1)).images, english), '');
});

test('a question shows what came with it, and nothing that is no picture', () => {
  const turn = lastTurn(play(script({ type: 'message', text: 'what is it?', images: [picture] })));
  assert.deepEqual(turn.images, [picture]);
  const svg = { media_type: 'image/svg+xml', data: 'PHN2Zz4=' } as unknown as Picture;
  const odd = [svg, { ...picture, media_type: 'image/jpeg' as const }, { ...picture, data: `${DATA}" onerror="x` }];
  assert.deepEqual(odd.map(addressOf), ['', '', '']);
  const drawn = renderToStaticMarkup(React.createElement(Pictures, { images: [...odd, picture] }));
  assert.equal(drawn.split('<img').length, 2);
  assert.ok(drawn.includes(`src="${URL}" alt="figure of In[5]"`));
  assert.equal(renderToStaticMarkup(React.createElement(Pictures, { images: odd })), '');
});

test('what was sent tells a picture as one, with its bytes, and not as tokens', () => {
  const content = [{ type: 'text', text: 'what is it?' }, { type: 'image_url', image_url: { url: URL } }];
  const body = { messages: [{ role: 'user', content }] };
  const [said] = messagesOf(body);
  assert.deepEqual([said.text, said.pictures], ['what is it?', [URL]]);
  assert.equal(bytesIn(URL), 72);
  assert.equal(bytesIn('data:image/png;base64,AAA='), 2);
  const request = { llm: 'x/y', attempt: 'a', time: 0, body };
  assert.equal(tokensOf(request), Math.ceil((bytesOf(request) - URL.length) / 4) + 1500);
  const strange = { type: 'image_url', image_url: { url: 'https://example.org/a.png' } };
  assert.deepEqual(messagesOf({ messages: [{ role: 'user', content: [strange] }] })[0].pictures, ['']);
});
