/** A socket made of widget messages: what is sent goes to the kernel, and from there to whoever hosts the chat. */
import { newId } from '../ui/wire/ids';
import type { Wire } from '../ui/wire/socket';
import type { Down, Model, Up } from './model';

/** A kernel that has not taken a message by then is in a cell, or gone. */
const SILENCE_MS = 1_500;

const GONE = 'was restarted or shut down: run this cell again';

export type Silence = 'none' | 'busy' | { refused: string };

export class RelaySocket implements Wire {
  readyState: number = WebSocket.CONNECTING;
  onopen: Wire['onopen'] = null;
  onmessage: Wire['onmessage'] = null;
  onclose: Wire['onclose'] = null;

  constructor(
    private readonly model: Model,
    private readonly report: (silence: Silence) => void
  ) {
    model.on('msg:custom', this.hear);
    this.say({ view: this.view, kind: 'join' });
  }

  send(frame: string): void {
    this.say({ view: this.view, kind: 'command', command: JSON.parse(frame) });
  }

  close(): void {
    if (this.readyState !== WebSocket.CLOSED) {
      this.say({ view: this.view, kind: 'leave' });
      this.end();
    }
  }

  private say(message: Up): void {
    try {
      this.model.send(message);
    } catch {
      // The widget manager gave the model up with its kernel.
      this.end();
      this.report({ refused: GONE });
      return;
    }
    this.timer ||= window.setTimeout(() => this.report('busy'), SILENCE_MS);
  }

  private readonly hear = (message: Down): void => {
    if (message.view !== this.view) {
      return;
    }
    window.clearTimeout(this.timer);
    this.timer = 0;
    this.report(message.kind === 'refused' ? { refused: message.text } : 'none');
    switch (message.kind) {
      case 'joined':
        this.readyState = WebSocket.OPEN;
        this.onopen?.(new Event('open'));
        break;
      case 'events':
        for (const event of message.events) {
          this.onmessage?.(new MessageEvent('message', { data: JSON.stringify(event) }));
        }
        break;
      case 'left':
      case 'refused':
        this.end();
    }
  };

  private end(): void {
    if (this.readyState === WebSocket.CLOSED) {
      return;
    }
    this.readyState = WebSocket.CLOSED;
    window.clearTimeout(this.timer);
    this.model.off('msg:custom', this.hear);
    // As a WebSocket does: never from within `close` itself.
    window.setTimeout(() => this.onclose?.(new CloseEvent('close')));
  }

  private readonly view = newId();
  private timer = 0;
}
