/** What was measured of an answer, and its review. */
import * as React from 'react';
import type { ReviewAsked, ReviewClosed } from '../../protocol.gen';
import type { Draft } from '../wire/commands';
import type { Host } from '../host';
import { Markdown } from '../text/Markdown';
import { hasEnded, type Turn } from '../state/state';

const OUTCOMES: Record<ReviewClosed['outcome'], string> = {
  approved: 'A reviewer approved this answer.',
  corrected: 'A reviewer corrected this answer:',
  rejected: 'A reviewer rejected this answer.',
  withdrawn: 'The review was withdrawn.'
};

interface Props {
  turn: Turn;
  host: Host;
  send: (draft: Draft) => void;
}

export function Checked({ turn, host, send }: Props): JSX.Element | null {
  const { evaluation, review } = turn;
  const reasons = evaluation?.flagged ? (evaluation.reasons ?? []) : [];
  const asked = review?.asked;
  const others = (asked?.reasons ?? []).filter(reason => !reasons.includes(reason));
  if (!reasons.length && !review) {
    return null;
  }
  return (
    <section className="mlc-checked" aria-label="Evaluation" data-flagged={reasons.length > 0}>
      {reasons.length > 0 && <p>This answer was flagged:</p>}
      {!reasons.length && others.length > 0 && <p>This answer is under review:</p>}
      {reasons.length + others.length > 0 && (
        <ul>
          {[...reasons, ...others].map(reason => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      {review?.closed && <Outcome closed={review.closed} held={asked?.held ?? false} host={host} />}
      {asked && !review?.closed && <Open asked={asked} send={send} />}
      {!review && hasEnded(turn) && (
        <button type="button" className="mlc-mini" onClick={() => send({ type: 'review.ask', turn: turn.id })}>
          Ask for a review
        </button>
      )}
    </section>
  );
}

function Outcome({ closed, held, host }: { closed: ReviewClosed; held: boolean; host: Host }): JSX.Element {
  // What was held back is shown as corrected in its own place.
  const better = closed.outcome === 'corrected' && !held ? closed.text : '';
  return (
    <div data-outcome={closed.outcome}>
      <p>
        {OUTCOMES[closed.outcome]} {closed.remark}
      </p>
      {better && <Markdown text={better} final={true} host={host} />}
    </div>
  );
}

function Open({ asked, send }: { asked: ReviewAsked; send: (draft: Draft) => void }): JSX.Element {
  const [text, setText] = React.useState('');
  if (!asked.own) {
    return <p>{asked.held ? 'It is shown when a reviewer has looked at it.' : 'A reviewer looks at it.'}</p>;
  }
  const decide = (decision: 'approve' | 'correct' | 'reject'): void =>
    send({ type: 'review.decide', review: asked.review, decision, text: decision === 'correct' ? text : '' });
  return (
    <div>
      <textarea
        className="mlc-field"
        aria-label="A better answer"
        placeholder="A better answer"
        value={text}
        onChange={event => setText(event.currentTarget.value)}
      />
      <div className="mlc-buttons">
        <button type="button" className="mlc-button" onClick={() => decide('approve')}>
          Approve
        </button>
        <button type="button" className="mlc-button" disabled={!text.trim()} onClick={() => decide('correct')}>
          Correct
        </button>
        <button type="button" className="mlc-button mlc-plain-button" onClick={() => decide('reject')}>
          Reject
        </button>
      </div>
    </div>
  );
}
