/** What every part of the chat can do, however deep it stands. It stays the same object, so that nothing is drawn again. */
import * as React from 'react';
import type { HelpRequest } from '../protocol.gen';
import type { Go } from './conversations/useGoing';
import type { Host } from './host';
import { type Conversation, initial, type Me } from './state/state';
import type { Chat } from './state/useChat';

export interface App extends Pick<Chat, 'send' | 'ask' | 'now'> {
  host: Host;
  /** What was typed into parts of the log and not sent, by their keys: what is not in sight may be taken down. */
  typed: Map<string, unknown>;
  /** The conversation on the screen, as it is at this moment. */
  shown: () => Conversation | undefined;
  /** Show a page over the log. */
  open: (sheet: string, about?: string) => void;
  /** Show a conversation, and a turn in it. */
  go: Go;
  /** Show the conversation of somebody who asked for a person. */
  visit: (request: HelpRequest) => void;
}

export const AppContext = React.createContext<App | null>(null);

/** What this place is to the service. It changes with the connection. */
export const MeContext = React.createContext<Me>(initial.me);

export function useApp(): App {
  const app = React.useContext(AppContext);
  if (!app) {
    throw new Error('This is drawn outside of the chat.');
  }
  return app;
}
