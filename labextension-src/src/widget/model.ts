/** What the widget's Python side shares with its views, and what anywidget gives to each of them. */
import { newId } from '../ui/wire/ids';

export interface Card {
  /** The name in the notebook, such as `pipe`. */
  ref: string;
  class_name: string;
  task: string;
}

export interface Shared {
  models: Card[];
  /** Empty for the configured one. */
  llm: string;
  /** In pixels. */
  height: number;
  /** The id of the conversation that is shown; empty before one is known. */
  conversation: string;
  /** The id that the Jupyter server has for the kernel; empty where there is none. */
  kernel: string;
}

/** From Python to one view; `heard` says that the kernel has taken what the view sent. */
export type Down = { view: string } & (
  | { kind: 'joined' | 'heard' | 'left' }
  | { kind: 'events'; events: unknown[] }
  | { kind: 'refused'; text: string }
  | { kind: 'figure'; ref: string; mime?: string; data?: string; text?: string }
  | { kind: 'part'; name: string; source: string }
);

/** From a view to Python. */
export type Up = { view: string } & (
  | { kind: 'join' | 'leave' }
  | { kind: 'command'; command: unknown }
  | { kind: 'figure'; ref: string }
  | { kind: 'part'; name: string }
);

type Listener = (message: Down) => void;

export interface Model {
  get<K extends keyof Shared>(name: K): Shared[K];
  set<K extends keyof Shared>(name: K, value: Shared[K]): void;
  save_changes(): void;
  send(message: Up): void;
  on(event: 'msg:custom', listener: Listener): void;
  on(event: `change:${keyof Shared}`, listener: () => void): void;
  off(event: 'msg:custom', listener: Listener): void;
  off(event: `change:${keyof Shared}`, listener: () => void): void;
}

/** A part of the front end that is not in every widget, as a module's source. A busy kernel sends it when it can. */
export function partOf(model: Model, name: string): Promise<string> {
  const view = newId();
  return new Promise(resolve => {
    const hear = (message: Down): void => {
      if (message.view === view && message.kind === 'part') {
        model.off('msg:custom', hear);
        resolve(message.source);
      }
    };
    model.on('msg:custom', hear);
    model.send({ view, kind: 'part', name });
  });
}
