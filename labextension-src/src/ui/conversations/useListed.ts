/** One's conversations, page by page. */
import * as React from 'react';
import type { ConversationId, ConversationInfo, ConversationList, FaultRecord } from '../../protocol.gen';
import type { Api } from '../wire/api';
import { asFault } from '../wire/faults';

const PAGE = 50;

export interface Listed {
  rows: readonly ConversationInfo[];
  /** Are there more? */
  follows: boolean;
  loading: boolean;
  fault: FaultRecord | null;
  more: () => void;
  /** Say in the list what was done: null takes it out. */
  edit: (id: ConversationId, change: Partial<ConversationInfo> | null) => void;
}

interface Page {
  rows: readonly ConversationInfo[];
  next: string;
  loading: boolean;
  fault: FaultRecord | null;
}

const EMPTY: Page = { rows: [], next: '', loading: true, fault: null };

/** `news` changes when the list may have, so that its beginning is fetched again. */
export function useListed(api: Api, deleted: boolean, news = ''): Listed {
  const [page, setPage] = React.useState(EMPTY);
  const load = React.useCallback(
    async (after: string): Promise<void> => {
      const query = { limit: PAGE, deleted: deleted ? 1 : 0, ...(after ? { after } : {}) };
      try {
        const { conversations, next = '' } = await api.request<ConversationList>(['conversations'], { query });
        setPage(({ rows, next: end }) => ({
          rows: after ? joined(rows, conversations) : joined(conversations, rows),
          next: after || !rows.length ? next : end,
          loading: false,
          fault: null
        }));
      } catch (thrown) {
        setPage(before => ({ ...before, loading: false, fault: asFault(thrown) }));
      }
    },
    [api, deleted]
  );
  React.useEffect(() => void load(''), [load, news]);
  return {
    ...page,
    follows: page.next !== '',
    more: () => {
      setPage(before => ({ ...before, loading: true }));
      void load(page.next);
    },
    edit: (id, change) => setPage(before => ({ ...before, rows: edited(before.rows, id, change) }))
  };
}

/** One that was used meanwhile has moved up, and comes once. */
export function joined(before: readonly ConversationInfo[], more: readonly ConversationInfo[]): readonly ConversationInfo[] {
  const known = new Set(before.map(info => info.id));
  return [...before, ...more.filter(info => !known.has(info.id))];
}

function edited(
  rows: readonly ConversationInfo[],
  id: ConversationId,
  change: Partial<ConversationInfo> | null
): readonly ConversationInfo[] {
  return change ? rows.map(row => (row.id === id ? { ...row, ...change } : row)) : rows.filter(row => row.id !== id);
}
