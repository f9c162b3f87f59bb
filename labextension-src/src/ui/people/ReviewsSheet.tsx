/** Answers that a person is to look at: why, and the word on them. */
import * as React from 'react';
import type { FaultRecord, Review, ReviewList } from '../../protocol.gen';
import { useApp } from '../app';
import type { SheetProps } from '../sheets/sheets';
import { Markdown } from '../text/Markdown';
import { useTrans } from '../trans';
import { FaultLine } from '../turns/FaultLine';
import { asFault } from '../wire/faults';

export function ReviewsSheet({ chat, host }: SheetProps): JSX.Element {
  const trans = useTrans();
  const [all, setAll] = React.useState(false);
  const [reviews, setReviews] = React.useState<readonly Review[] | null>(null);
  const [fault, setFault] = React.useState<FaultRecord | null>(null);
  const look = React.useCallback(() => {
    host.api?.request<ReviewList>(['reviews'], { query: { state: all ? 'all' : 'open' } }).then(
      told => {
        setReviews(told.reviews);
        setFault(null);
      },
      thrown => setFault(asFault(thrown))
    );
  }, [host, all]);
  React.useEffect(look, [look]);
  const corrections = host.api?.address(['reviews', 'corrections']);
  return (
    <>
      <div className="mlc-buttons">
        <label>
          <input type="checkbox" checked={all} onChange={event => setAll(event.currentTarget.checked)} /> {trans.__('Decided ones too')}
        </label>
        <a href={corrections} download="corrections.ndjson">
          {trans.__('Corrections as a file')}
        </a>
      </div>
      {fault && <FaultLine fault={fault} />}
      {reviews?.length === 0 && <p>{trans.__('No answer waits for a review.')}</p>}
      {reviews?.map(review => (
        <OneReview key={review.id} review={review} me={chat.state.me.principal} decided={look} />
      ))}
    </>
  );
}

function OneReview({ review, me, decided }: { review: Review; me: string; decided: () => void }): JSX.Element {
  const { ask, host } = useApp();
  const trans = useTrans();
  const [text, setText] = React.useState(review.answer);
  const [remark, setRemark] = React.useState('');
  const [fault, setFault] = React.useState<FaultRecord | null>(null);
  const decide = (decision: 'approve' | 'correct' | 'reject'): void => {
    setFault(null);
    ask({ type: 'review.decide', review: review.id, decision, text: decision === 'correct' ? text : '', remark }, 'accepted').then(
      decided,
      thrown => setFault(asFault(thrown))
    );
  };
  const outcomes: Record<Review['state'], string> = {
    open: trans.__('Open'),
    approved: trans.__('Approved'),
    corrected: trans.__('Corrected'),
    rejected: trans.__('Rejected'),
    withdrawn: trans.__('Withdrawn')
  };
  const details = review.checks.flatMap(check => check.details ?? []);
  const own = review.held && review.owner === me;
  return (
    <section className="mlc-review" aria-label={trans.__('Review: %1', review.question)} data-state={review.state}>
      <h3>{review.question}</h3>
      <p className="mlc-muted">
        {outcomes[review.state]}
        {review.held && ` · ${trans.__('held back until then')}`} · {trans.__('asked by %1, answered by %2', review.owner, review.answered_by)}
        {review.reviewer && ` · ${trans.__('decided by %1', review.reviewer)}`}
      </p>
      <ul>
        {review.reasons.map(reason => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      {details.length > 0 && <p className="mlc-muted">{trans.__('Not from a result: %1', details.join(', '))}</p>}
      {review.note && <p className="mlc-plain">{trans.__('%1 says: %2', review.owner, review.note)}</p>}
      <Markdown text={review.answer} final={true} host={host} />
      {review.text && (
        <>
          <b>{trans.__('The better answer')}</b>
          <Markdown text={review.text} final={true} host={host} />
        </>
      )}
      {review.remark && <p className="mlc-plain">{review.remark}</p>}
      {review.state === 'open' && own && <p>{trans.__('It answers a question of yours: somebody else decides on it.')}</p>}
      {review.state === 'open' && !own && (
        <>
          <textarea rows={4} aria-label={trans.__('The better answer')} value={text} onChange={event => setText(event.currentTarget.value)} />
          <textarea
            rows={1}
            aria-label={trans.__('A word for who asked')}
            placeholder={trans.__('A word for who asked')}
            value={remark}
            onChange={event => setRemark(event.currentTarget.value)}
          />
          <div className="mlc-buttons">
            <button type="button" className="mlc-button" onClick={() => decide('approve')}>
              {trans.__('Approve')}
            </button>
            <button
              type="button"
              className="mlc-button"
              disabled={!text.trim() || text === review.answer}
              onClick={() => decide('correct')}
            >
              {trans.__('Correct')}
            </button>
            <button type="button" className="mlc-button mlc-plain-button" onClick={() => decide('reject')}>
              {trans.__('Reject')}
            </button>
          </div>
          {fault && <FaultLine fault={fault} />}
        </>
      )}
    </section>
  );
}
