/** The pages of a chat whose page reaches the server, beside those that every chat has. */
import { CHOOSING } from '../choosing/sheets';
import { ConversationsSheet } from '../conversations/ConversationsSheet';
import type { Host } from '../host';
import { MetricsSheet } from '../metrics/MetricsSheet';
import { QueueSheet } from '../people/QueueSheet';
import { ReviewsSheet } from '../people/ReviewsSheet';
import type { SheetSpec } from './sheets';
import type { Chat } from '../state/useChat';

const mayAnswer = ({ state: { me } }: Chat, host: Host): boolean => !!host.api && me.experts && me.roles.length > 0;

export const PAGES: readonly SheetSpec[] = [
  // It has a button of its own.
  { name: 'conversations', title: trans => trans.__('Conversations'), listed: () => false, View: ConversationsSheet },
  ...CHOOSING,
  { name: 'metrics', title: trans => trans.__('Figures'), listed: (_, host) => !!host.api, View: MetricsSheet },
  { name: 'queue', title: trans => trans.__('Who waits for a person'), listed: mayAnswer, View: QueueSheet },
  { name: 'reviews', title: trans => trans.__('Reviews'), listed: mayAnswer, View: ReviewsSheet }
];
