/** A conversation about another notebook than the one that is worked in. */
import * as React from 'react';
import type { Context } from '../../protocol.gen';
import type { Host } from '../host';
import type { Conversation } from '../state/state';

export interface Elsewhere {
  notebook: string;
  /** Does it have a kernel? */
  kernel: 'open' | 'none' | 'unknown';
}

export function useElsewhere(host: Host, notebook: string, here: string): Elsewhere | null {
  const { sessions } = host;
  const [, draw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => sessions?.onChange(draw), [sessions]);
  if (!notebook || notebook === here) {
    return null;
  }
  const open = sessions?.kernelOf(notebook) ? 'open' : 'none';
  return { notebook, kernel: sessions ? open : 'unknown' };
}

/** Where a message belongs: to the conversation's own notebook, whose kernel the service finds, or to where one is. */
export function contextOf(conversation: Conversation | undefined, here: Context): Context {
  const own = conversation?.info?.notebook;
  return own && own !== here.notebook && !conversation.deleted ? { notebook: own } : here;
}
