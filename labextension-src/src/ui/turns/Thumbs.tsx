/** A thumb and a word. The thumb counts at once; the word is optional. Pressing a thumb again takes it back. */
import * as React from 'react';
import { useApp } from '../app';
import type { Turn } from '../state/state';
import { useTrans } from '../trans';
import { WordForm } from './WordForm';

/** Characters of a word. */
const MOST = 1000;

interface Props {
  turn: Turn;
  /** Calls with the score that was given. */
  onGiven: (score: number) => void;
}

export function Thumbs({ turn, onGiven }: Props): JSX.Element {
  const trans = useTrans();
  const { send } = useApp();
  const { score } = turn;
  const thumb = (own: 1 | -1, label: string): JSX.Element => (
    <button
      type="button"
      className="mlc-mini"
      aria-label={label}
      title={label}
      aria-pressed={score === own}
      onClick={() => {
        const given = score === own ? 0 : own;
        send({ type: 'feedback.give', turn: turn.id, score: given });
        onGiven(given);
      }}
    >
      <svg className="mlc-thumb" data-down={own < 0} viewBox="0 0 16 16" aria-hidden="true">
        <path d="M2 7h2.5v7H2zM4.5 7.5 7.5 1.5c1.5 0 1.8 1.2 1.5 2.2L8.5 6h4c1 0 1.7.8 1.4 1.8l-1.3 5c-.2.7-.8 1.2-1.5 1.2H4.5" />
      </svg>
    </button>
  );
  return (
    <span className="mlc-thumbs">
      {thumb(1, trans.__('A good answer'))}
      {thumb(-1, trans.__('A bad answer'))}
    </span>
  );
}

export function ThumbWord({ turn, close }: { turn: Turn; close: () => void }): JSX.Element {
  const trans = useTrans();
  const { send } = useApp();
  const label = turn.score > 0 ? trans.__('What was good? (optional)') : trans.__('What was wrong? (optional)');
  return (
    <WordForm
      label={label}
      placeholder={label}
      act={trans.__('Give')}
      text={turn.remark}
      most={MOST}
      optional
      take={text => {
        if (text) {
          send({ type: 'feedback.give', turn: turn.id, score: turn.score, text });
        }
        close();
      }}
      close={close}
    />
  );
}
