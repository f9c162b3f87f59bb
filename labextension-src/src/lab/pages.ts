/** The pages of the panel, beside those that every chat has. */
import { CHOOSING } from '../ui/choosing/sheets';
import { ConversationsSheet } from '../ui/conversations/ConversationsSheet';
import type { Host } from '../ui/host';
import { MetricsSheet } from '../ui/metrics/MetricsSheet';
import { QueueSheet } from '../ui/people/QueueSheet';
import { ReviewsSheet } from '../ui/people/ReviewsSheet';
import type { SheetSpec } from '../ui/sheets/sheets';
import type { Chat } from '../ui/state/useChat';

const mayAnswer = ({ state: { me } }: Chat, host: Host): boolean => !!host.api && me.experts && me.roles.length > 0;

export const PAGES: readonly SheetSpec[] = [
  // It has a button of its own.
  { name: 'conversations', title: trans => trans.__('Conversations'), listed: () => false, View: ConversationsSheet },
  ...CHOOSING,
  { name: 'metrics', title: trans => trans.__('Figures'), listed: (_, host) => !!host.api, View: MetricsSheet },
  { name: 'queue', title: trans => trans.__('Who waits for a person'), listed: mayAnswer, View: QueueSheet },
  { name: 'reviews', title: trans => trans.__('Reviews'), listed: mayAnswer, View: ReviewsSheet }
];
