/** What was said anywhere, by its words. A result leads to its turn. */
import * as React from 'react';
import type { FaultRecord, Found, Speaker } from '../../protocol.gen';
import { useApp } from '../app';
import { FaultLine } from '../turns/FaultLine';
import { type Trans, useTrans } from '../trans';
import { asFault } from '../wire/faults';
import { dateOf, titleOf } from './words';

/** No request for each letter. */
const PAUSE_MS = 300;
const MOST = 100;

const SPEAKERS: { readonly [S in Speaker]?: (trans: Trans) => string } = {
  user: trans => trans.__('You'),
  assistant: trans => trans.__('Assistant'),
  expert: trans => trans.__('Expert')
};

interface Props {
  words: string;
  close: () => void;
}

export function SearchResults({ words, close }: Props): JSX.Element {
  const { ask, go } = useApp();
  const trans = useTrans();
  const [found, setFound] = React.useState<readonly Found[] | null>(null);
  const [fault, setFault] = React.useState<FaultRecord | null>(null);
  React.useEffect(() => {
    let outdated = false;
    const take = (act: () => void): void => void (outdated || act());
    const timer = window.setTimeout(() => {
      ask({ type: 'search.get', words, limit: MOST }, 'search').then(
        told =>
          take(() => {
            setFault(null);
            setFound(told.found);
          }),
        (thrown: unknown) => take(() => setFault(asFault(thrown)))
      );
    }, PAUSE_MS);
    return () => {
      outdated = true;
      window.clearTimeout(timer);
    };
  }, [words, ask]);
  if (fault) {
    return <FaultLine fault={fault} />;
  }
  return (
    <>
      <p role="status" className="mlc-muted">
        {found && (found.length < MOST ? trans._n('%1 place', '%1 places', found.length) : trans.__('The newest %1 places', MOST))}
      </p>
      <ul className="mlc-conversations" aria-label={trans.__('Found')} aria-busy={!found}>
        {found?.map(one => (
          <li key={`${one.conversation} ${one.seq}`} className="mlc-conversation">
            <button
              type="button"
              className="mlc-found"
              onClick={() => {
                go(one.conversation, one.turn);
                close();
              }}
            >
              <span className="mlc-conversation-title">{titleOf(one, trans)}</span>
              <span className="mlc-muted mlc-conversation-about">
                <span>{SPEAKERS[one.role]?.(trans) ?? one.role}</span>
                <span>{dateOf(one.time)}</span>
              </span>
              <span className="mlc-snippet">
                <Marked snippet={one.snippet} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** What was looked for stands between « and ». */
export function Marked({ snippet }: { snippet: string }): JSX.Element {
  const pieces = snippet.split(/«([^«»]*)»/);
  return <>{pieces.map((piece, index) => (index % 2 ? <mark key={index}>{piece}</mark> : piece))}</>;
}
