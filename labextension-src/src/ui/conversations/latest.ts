/** What was last heard of a conversation: a list that was fetched may be older than the events, or newer. */
import type { ConversationInfo } from '../../protocol.gen';
import type { State } from '../state/state';

export function latest({ conversations }: State, info: ConversationInfo): ConversationInfo {
  const heard = conversations[info.id];
  if (!heard || heard.seen <= (info.last_seq ?? 0)) {
    return info;
  }
  // The first question gives a title without a word about it.
  const title = heard.info?.title || info.title;
  return { ...info, ...heard.info, title, updated: info.updated, deleted: heard.deleted };
}
