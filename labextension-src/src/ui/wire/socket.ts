/**
 * The transport over a WebSocket: reconnects, resumes every conversation after the last number it has seen, and
 * sends again, with the same id, each command that has no answer yet. The service takes an id once.
 */
import { Code, type Command, type CommandId, type ConversationId, MAX_COMMAND_BYTES } from '../../protocol.gen';
import type { FaultRecord, ServerEvent } from '../../protocol.gen';
import { newId } from './ids';
import type { Status, Transport } from './transport';

const MAX_PENDING = 100;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;
/** After so many attempts in a row the server is called away. */
const PATIENCE = 5;
/** A connection on which nothing was heard for two of these is gone. */
const BEAT_MS = 20_000;

/** What is needed of a WebSocket. */
export interface Wire {
  readonly readyState: number;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(frame: string): void;
  close(): void;
}

export class SocketTransport implements Transport {
  /** `connect` makes a new socket each time; it may throw. */
  constructor(private readonly connect: () => Wire) {
    window.addEventListener('online', this.hurry);
    window.addEventListener('offline', this.lose);
    this.beat = window.setInterval(() => this.check(), BEAT_MS);
    this.open();
  }

  send(said: Command): void {
    // What is stored already comes in few frames, whoever opens it: see `take`.
    const command = said.type === 'conversation.open' ? { ...said, batched: true } : said;
    // Pictures have limits of their own.
    const pictures = (command.type === 'turn.start' && command.images) || [];
    const words = pictures.length ? { ...command, images: [] } : command;
    const bytes = new TextEncoder().encode(JSON.stringify(words)).length;
    if (bytes > MAX_COMMAND_BYTES) {
      this.refuse(command.id, { code: Code.TOO_LARGE, message: 'This is too large to be sent.', hint: 'Shorten it.' });
    } else if (this.pending.size >= MAX_PENDING) {
      const message = `${MAX_PENDING} messages wait for the connection already.`;
      this.refuse(command.id, { code: Code.SERVER_BUSY, message, hint: 'Send it again later.', retryable: true });
    } else {
      this.pending.set(command.id, command);
      this.wake();
      this.put(command);
    }
  }

  rest(): void {
    if (!this.pending.size && !this.disposed && this.status !== 'resting') {
      const { socket } = this;
      this.socket = null;
      this.resumes.clear();
      window.clearTimeout(this.timer);
      socket?.close();
      this.tell('resting');
    }
  }

  wake(): void {
    if (this.status === 'resting') {
      this.tell('connecting');
      this.open();
    }
  }

  onEvent(listener: (event: ServerEvent) => void): () => void {
    this.listeners.add(listener);
    if (this.hello) {
      listener(this.hello);
    }
    return () => void this.listeners.delete(listener);
  }

  onStatus(listener: (status: Status) => void): () => void {
    this.watchers.add(listener);
    listener(this.status);
    return () => void this.watchers.delete(listener);
  }

  dispose(): void {
    this.disposed = true;
    window.removeEventListener('online', this.hurry);
    window.removeEventListener('offline', this.lose);
    window.clearInterval(this.beat);
    window.clearTimeout(this.timer);
    this.socket?.close();
  }

  // -- the connection ------------------------------------------------------------------------------------

  private open(): void {
    let socket: Wire;
    try {
      socket = this.connect();
    } catch {
      this.retry();
      return;
    }
    this.socket = socket;
    this.heard = Date.now();
    socket.onopen = () => {
      for (const [conversation, after] of this.followed) {
        const resume: Command = { type: 'resume', id: newId(), conversation, after, batched: true };
        this.resumes.set(resume.id, conversation);
        this.put(resume);
      }
      this.pending.forEach(command => this.put(command));
      this.tell('open');
    };
    socket.onmessage = message => this.take(String(message.data));
    socket.onclose = () => {
      if (this.socket === socket) {
        this.retry();
      }
    };
  }

  private retry(): void {
    if (this.disposed) {
      return;
    }
    this.socket = null;
    this.resumes.clear();
    // A past that did not come whole is asked for again.
    this.past = [];
    this.tell(!window.navigator.onLine || this.tries >= PATIENCE ? 'offline' : 'closed');
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.tries++) * (0.7 + 0.6 * Math.random());
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.open(), delay);
  }

  private readonly hurry = (): void => {
    if (!this.socket && this.status !== 'resting') {
      window.clearTimeout(this.timer);
      this.open();
    }
  };

  /** The browser knows before the socket does. A server on the same machine goes on. */
  private readonly lose = (): void => {
    if (!this.socket && this.status !== 'resting') {
      this.tell('offline');
    }
  };

  private check(): void {
    const { socket } = this;
    if (!socket || socket.readyState === WebSocket.CONNECTING) {
      return;
    }
    if (Date.now() - this.heard > 2 * BEAT_MS) {
      // The other end is gone without a word: `onclose` may take minutes.
      socket.onclose = socket.onmessage = null;
      socket.close();
      this.retry();
    } else {
      this.put({ type: 'ping', id: newId() });
    }
  }

  private put(command: Command): void {
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify(command));
    }
  }

  // -- what arrives --------------------------------------------------------------------------------------

  private take(frame: string): void {
    this.heard = Date.now();
    let event: ServerEvent;
    try {
      event = JSON.parse(frame);
    } catch {
      return;
    }
    if (event.type === 'batch') {
      this.past.push(...event.events);
      if (!event.more) {
        // All at once: what is drawn while it comes in would be drawn for nothing.
        this.past.splice(0).forEach(one => this.hear(one));
      }
    } else {
      this.hear(event);
    }
  }

  private hear(event: ServerEvent): void {
    if (event.type === 'hello') {
      // Not when it opens: a server with too many sockets opens them and closes them again.
      this.tries = 0;
      this.hello = event;
    }
    const { conversation, seq = 0 } = event;
    if (event.type === 'conversation.deleted' && conversation) {
      this.followed.delete(conversation);
    } else if (conversation && event.type !== 'accepted') {
      this.followed.set(conversation, Math.max(seq, this.followed.get(conversation) ?? 0));
    }
    if ('command' in event && event.command) {
      this.pending.delete(event.command);
    }
    if (event.type === 'accepted') {
      this.resumes.delete(event.command);
      if (conversation && !this.followed.has(conversation)) {
        this.followed.set(conversation, 0);
      }
    } else if (event.type === 'fault' && event.command) {
      if (this.unresumed(event.command, event.fault)) {
        return;
      }
    }
    if ('command' in event && event.command) {
      this.pending.delete(event.command);
    }
    this.listeners.forEach(listener => listener(event));
  }

  /** A conversation that could not be resumed: gone for good, or to be tried on a new connection. */
  private unresumed(command: CommandId, fault: FaultRecord): boolean {
    const conversation = this.resumes.get(command);
    if (conversation === undefined) {
      return false;
    }
    this.resumes.delete(command);
    if (fault.retryable) {
      this.socket?.close();
    } else {
      this.followed.delete(conversation);
    }
    return true;
  }

  private refuse(command: CommandId, fault: FaultRecord): void {
    const event: ServerEvent = { type: 'fault', fault, command };
    // As if it had come from the service: after whoever sends has noted the command.
    window.setTimeout(() => this.listeners.forEach(listener => listener(event)), 0);
  }

  private tell(status: Status): void {
    this.status = status;
    this.watchers.forEach(watcher => watcher(status));
  }

  private readonly listeners = new Set<(event: ServerEvent) => void>();
  private readonly watchers = new Set<(status: Status) => void>();
  private readonly pending = new Map<CommandId, Command>();
  private readonly followed = new Map<ConversationId, number>();
  private readonly resumes = new Map<CommandId, ConversationId>();
  private readonly beat: number;
  private past: ServerEvent[] = [];
  private socket: Wire | null = null;
  private hello: ServerEvent | null = null;
  private status: Status = 'connecting';
  private disposed = false;
  private heard = 0;
  private timer = 0;
  private tries = 0;
}
