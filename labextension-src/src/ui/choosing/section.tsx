/** A part of the settings page. */
import * as React from 'react';
import type { Choices, ConversationInfo, LockName } from '../../protocol.gen';
import { Locked } from './Locked';
import type { Chosen } from './useChoices';

export interface SectionProps {
  choices: Choices;
  info: ConversationInfo;
  change: Chosen['change'];
}

interface Props {
  title: string;
  locked?: boolean;
  children: React.ReactNode;
}

export function Section({ title, locked = false, children }: Props): JSX.Element {
  return (
    <section className="mlc-section" aria-label={title}>
      <h3>{title}</h3>
      {locked && <Locked />}
      {children}
    </section>
  );
}

export function isLocked(choices: Choices, name: LockName): boolean {
  return choices.locked?.includes(name) ?? false;
}
