/** The pages that can lie over the log: one row each. */
import type { Host } from '../host';
import { KernelSheet } from '../kernel/KernelSheet';
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

/** Those that every chat has. A host adds others. */
const OWN: readonly SheetSpec[] = [
  { name: 'kernel', title: trans => trans.__('Kernel'), listed: () => true, View: KernelSheet },
  { name: 'sent', title: trans => trans.__('What was sent'), listed: () => true, View: SentSheet }
];

export function sheetsOf(host: Host): readonly SheetSpec[] {
  return [...OWN, ...(host.pages ?? [])];
}

export function hasSheet(host: Host, name: string): boolean {
  return sheetsOf(host).some(one => one.name === name);
}
