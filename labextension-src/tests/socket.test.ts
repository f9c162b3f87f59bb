import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import type { Command, ServerEvent } from '../src/protocol.gen';
import { SocketTransport, type Wire } from '../src/ui/wire/socket';
import type { Status } from '../src/ui/wire/transport';

/** The other end of a socket, in the hands of the test. */
class Line implements Wire {
  readyState = 0;
  onopen: Wire['onopen'] = null;
  onmessage: Wire['onmessage'] = null;
  onclose: Wire['onclose'] = null;
  readonly sent: Command[] = [];

  send(frame: string): void {
    this.sent.push(JSON.parse(frame));
  }

  close(): void {
    this.cut();
  }

  accept(): void {
    this.readyState = 1;
    this.onopen?.(new Event('open'));
    this.say({ type: 'hello', connection: 'x', version: '0', principal: 'me' });
  }

  say(event: ServerEvent): void {
    this.onmessage?.({ data: JSON.stringify(event) } as MessageEvent);
  }

  cut(): void {
    this.readyState = 3;
    this.onclose?.({} as CloseEvent);
  }
}

let lines: Line[];
let events: ServerEvent[];
let states: Status[];
let transport: SocketTransport;
const page = new EventTarget();
const network = { onLine: true };

const question = (id: string): Command => ({ type: 'turn.start', id, text: 'why?' });
const line = (): Line => lines[lines.length - 1];
/** Longer than any delay. */
const wait = (): void => mock.timers.tick(15_000);

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  Object.assign(globalThis, {
    WebSocket: { CONNECTING: 0, OPEN: 1 },
    window: {
      setTimeout,
      clearTimeout,
      setInterval,
      clearInterval,
      navigator: network,
      addEventListener: page.addEventListener.bind(page),
      removeEventListener: page.removeEventListener.bind(page)
    }
  });
  network.onLine = true;
  lines = [];
  events = [];
  states = [];
  transport = new SocketTransport(() => {
    lines.push(new Line());
    return line();
  });
  transport.onEvent(event => events.push(event));
  transport.onStatus(status => states.push(status));
});

afterEach(() => {
  transport.dispose();
  mock.timers.reset();
});

test('what is said before the connection is there leaves with it', () => {
  transport.send(question('q'));
  assert.deepEqual(line().sent, []);
  line().accept();
  assert.deepEqual(line().sent, [question('q')]);
  assert.deepEqual(states, ['connecting', 'open']);
});

test('who listens late is told who they are', () => {
  const late: ServerEvent[] = [];
  line().accept();
  transport.onEvent(event => late.push(event));
  line().say({ type: 'pong', command: 'p' });
  assert.deepEqual(
    late.map(event => event.type),
    ['hello', 'pong']
  );
});

test('an unanswered command is sent again with its id, an answered one is not', () => {
  line().accept();
  transport.send(question('one'));
  transport.send(question('two'));
  transport.send(question('three'));
  line().say({ type: 'accepted', command: 'one', conversation: 'c', turn: 't', seq: 2 });
  line().say({ type: 'fault', command: 'two', fault: { code: 'rate_limited', message: 'Too many.' } });
  line().cut();
  wait();
  line().accept();
  assert.deepEqual(
    line().sent.filter(command => command.type === 'turn.start'),
    [question('three')]
  );
  assert.deepEqual(states, ['connecting', 'open', 'closed', 'open']);
});

test('every conversation is resumed after its last number, before anything else is sent', () => {
  line().accept();
  line().say({ type: 'message', conversation: 'a', turn: 't', seq: 7, text: 'x' });
  line().say({ type: 'text.delta', conversation: 'a', turn: 't', attempt: 'b', offset: 0, text: 'y' });
  line().say({ type: 'message', conversation: 'b', turn: 'u', seq: 3, text: 'x' });
  line().cut();
  transport.send(question('q'));
  wait();
  line().accept();
  const resumed = line().sent.map(command => (command.type === 'resume' ? [command.conversation, command.after] : command.id));
  assert.deepEqual(resumed, [['a', 7], ['b', 3], 'q']);
});

test('a past in batches is told when it is whole, and asked for anew where it was cut off', () => {
  line().accept();
  transport.send({ type: 'conversation.open', id: 'o', conversation: 'a' });
  const past = (from: number, more: boolean): void => {
    const told = [from, from + 1].map(seq => ({ type: 'notice', conversation: 'a', text: `${seq}`, seq }) as ServerEvent);
    line().say({ type: 'batch', events: told, more });
  };
  const heard = (): (number | undefined)[] => events.filter(event => event.type === 'notice').map(event => event.seq);
  past(1, true);
  assert.deepEqual(heard(), []);
  past(3, false);
  assert.deepEqual(heard(), [1, 2, 3, 4]);
  past(5, true);
  line().cut();
  wait();
  line().accept();
  const [resume] = line().sent;
  assert.ok(resume.type === 'resume' && resume.after === 4 && resume.batched);
  past(5, false);
  assert.deepEqual(heard(), [1, 2, 3, 4, 5, 6]);
});

test('a conversation that is gone is not resumed for ever, and nobody is bothered', () => {
  line().accept();
  line().say({ type: 'message', conversation: 'a', turn: 't', seq: 7, text: 'x' });
  line().cut();
  wait();
  line().accept();
  line().say({ type: 'fault', command: line().sent[0].id, fault: { code: 'not_found', message: 'None.' } });
  assert.ok(!events.some(event => event.type === 'fault'));
  line().cut();
  wait();
  line().accept();
  assert.deepEqual(line().sent, []);
});

test('a conversation without events yet is resumed from its beginning', () => {
  line().accept();
  transport.send({ type: 'conversation.open', id: 'o' });
  line().say({ type: 'accepted', command: 'o', conversation: 'a', seq: 9 });
  line().cut();
  wait();
  line().accept();
  const [resume] = line().sent;
  assert.ok(resume.type === 'resume' && resume.after === 0);
});

test('not more than a hundred commands wait; the next one is told so', () => {
  for (let count = 0; count <= 100; count++) {
    transport.send(question(`q${count}`));
  }
  mock.timers.tick(1);
  const [refused] = events;
  assert.ok(refused.type === 'fault' && refused.command === 'q100' && refused.fault.code === 'server_busy');
  line().accept();
  assert.equal(line().sent.length, 100);
});

test('a command over the limit is refused here', () => {
  line().accept();
  transport.send({ type: 'turn.start', id: 'big', text: 'x'.repeat(2 ** 20) });
  mock.timers.tick(1);
  assert.deepEqual(line().sent, []);
  assert.ok(events.some(event => event.type === 'fault' && event.command === 'big' && event.fault.code === 'too_large'));
});

test('it waits longer each time, until it is greeted', () => {
  mock.method(Math, 'random', () => 0.5);
  const delays: number[] = [];
  for (let attempt = 0; attempt < 7; attempt++) {
    line().cut();
    const known = lines.length;
    let waited = 0;
    while (lines.length === known) {
      mock.timers.tick(100);
      waited += 100;
    }
    delays.push(waited);
  }
  assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  line().accept();
  line().cut();
  mock.timers.tick(500);
  assert.equal(lines.length, 9);
  mock.restoreAll();
});

test('a connection on which nothing is heard any more is replaced', () => {
  line().accept();
  mock.timers.tick(20_000);
  assert.ok(line().sent.some(command => command.type === 'ping'));
  line().say({ type: 'pong', command: 'p' });
  mock.timers.tick(40_000);
  assert.equal(lines.length, 1);
  mock.timers.tick(20_000);
  wait();
  assert.equal(lines.length, 2);
});

test('when the network is back it does not wait', () => {
  line().cut();
  page.dispatchEvent(new Event('online'));
  assert.equal(lines.length, 2);
});

test('nothing comes back once it is disposed', () => {
  line().accept();
  transport.dispose();
  wait();
  assert.equal(lines.length, 1);
});

test('a connection at rest comes back with what is sent, and not by itself', () => {
  line().accept();
  line().say({ type: 'conversation.deleted', conversation: 'other', seq: 1 } as ServerEvent);
  line().say({ type: 'notice', conversation: 'c', seq: 4, text: 'so far' } as ServerEvent);
  transport.rest();
  assert.equal(states.at(-1), 'resting');
  wait();
  page.dispatchEvent(new Event('online'));
  assert.equal(lines.length, 1);
  transport.send(question('q'));
  line().accept();
  assert.equal(lines.length, 2);
  assert.deepEqual(
    line().sent.map(command => command.type),
    ['resume', 'turn.start']
  );
  assert.equal(states.at(-1), 'open');
});

test('what waits for an answer keeps a connection from resting', () => {
  line().accept();
  transport.send(question('q'));
  transport.rest();
  assert.equal(states.at(-1), 'open');
});

test('a server that is away is called so, and tried further', () => {
  for (let time = 0; time < 7; time++) {
    line().cut();
    wait();
  }
  assert.equal(states.at(-1), 'offline');
  line().accept();
  assert.equal(states.at(-1), 'open');
});

test('a browser without a network says so at once', () => {
  network.onLine = false;
  line().cut();
  assert.equal(states.at(-1), 'offline');
});

test('whoever opens a conversation gets what is stored of it in few frames', () => {
  line().accept();
  transport.send({ type: 'conversation.open', id: 'o', conversation: 'c' });
  const sent = line().sent.find(command => command.type === 'conversation.open');
  assert.ok(sent?.type === 'conversation.open' && sent.batched);
});
