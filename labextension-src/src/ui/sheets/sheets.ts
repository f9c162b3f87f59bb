/** The pages that can lie over the log: one row each. */
import { CHOOSING } from '../choosing/sheets';
import { ConversationsSheet } from '../conversations/ConversationsSheet';
import type { Host } from '../host';
import { KernelSheet } from '../kernel/KernelSheet';
import { MetricsSheet } from '../metrics/MetricsSheet';
import { QueueSheet } from '../people/QueueSheet';
import { ReviewsSheet } from '../people/ReviewsSheet';
import type { Chat } from '../state/useChat';
import type { Trans } from '../trans';
import { SentSheet } from '../trust/SentSheet';

export interface SheetProps {
  chat: Chat;
  host: Host;
  /** What it was opened about, such as the id of a turn; empty when nothing was said. */
  about: string;
  close: () => void;
}

export interface SheetSpec {
  name: string;
  title: (trans: Trans) => string;
  /** Is it in the menu? A page that is opened from elsewhere is not. */
  listed: (chat: Chat, host: Host) => boolean;
  View: (props: SheetProps) => JSX.Element | null;
}

const mayAnswer = ({ state: { me } }: Chat, host: Host): boolean => !!host.api && me.experts && me.roles.length > 0;

export const SHEETS: readonly SheetSpec[] = [
  {
    name: 'conversations',
    title: trans => trans.__('Conversations'),
    // It has a button of its own.
    listed: () => false,
    View: ConversationsSheet
  },
  { name: 'kernel', title: trans => trans.__('Kernel'), listed: () => true, View: KernelSheet },
  ...CHOOSING,
  { name: 'sent', title: trans => trans.__('What was sent'), listed: () => true, View: SentSheet },
  { name: 'metrics', title: trans => trans.__('Figures'), listed: (_, host) => !!host.api, View: MetricsSheet },
  { name: 'queue', title: trans => trans.__('Who waits for a person'), listed: mayAnswer, View: QueueSheet },
  { name: 'reviews', title: trans => trans.__('Reviews'), listed: mayAnswer, View: ReviewsSheet }
];
