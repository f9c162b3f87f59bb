/** Who has asked for a person: take a request, read it, give it back. */
import * as React from 'react';
import type { FaultRecord, HelpRequest } from '../../protocol.gen';
import { useApp } from '../app';
import type { SheetProps } from '../sheets/sheets';
import { useTrans } from '../trans';
import { FaultLine } from '../turns/FaultLine';
import type { Draft } from '../wire/commands';
import { asFault } from '../wire/faults';
import { WordForm } from '../turns/WordForm';
import { useQueue } from './useQueue';

const EVERY_MS = 4_000;

export function QueueSheet({ chat, host, close }: SheetProps): JSX.Element {
  const trans = useTrans();
  const { ask, visit } = useApp();
  const { requests, fault, look } = useQueue(host.api, EVERY_MS);
  const [refused, setRefused] = React.useState<FaultRecord | null>(null);
  const [assigning, setAssigning] = React.useState<string | null>(null);
  const { principal: me, roles } = chat.state.me;
  const act = (draft: Draft, then?: () => void): void => {
    setRefused(null);
    ask(draft, 'accepted').then(then ?? look, thrown => {
      setRefused(asFault(thrown));
      look();
    });
  };
  const done = (): void => {
    setAssigning(null);
    look();
  };
  const enter = (request: HelpRequest): void => {
    visit(request);
    close();
  };
  const trouble = refused ?? fault;
  return (
    <>
      {trouble && <FaultLine fault={trouble} />}
      {!requests && !fault && <p className="mlc-muted">{trans.__('Looking…')}</p>}
      {requests?.length === 0 && <p>{trans.__('Nobody waits for a person.')}</p>}
      <ul className="mlc-queue">
        {requests?.map(request => {
          const { conversation, owner, expert, note, waiting = 0 } = request;
          const title = request.title || trans.__('(no title)');
          const claim: Extract<Draft, { type: 'expert.claim' }> = { type: 'expert.claim', conversation };
          return (
            <li key={conversation} aria-label={`${owner}: ${title}`} data-mine={expert === me}>
              <b>{owner}</b> {title}
              {waiting > 0 && <span className="mlc-waits">{trans._n('%1 question waits', '%1 questions wait', waiting)}</span>}
              {note && <p className="mlc-plain">{note}</p>}
              <small className="mlc-muted">
                {trans.__('asked at %1', new Date(request.asked * 1000).toLocaleString())}
                {request.mode === 'direct' && `, ${trans.__('directly, with no assistant in between')}`}
                {expert && `, ${expert === me ? trans.__('you have joined') : trans.__('%1 has joined', expert)}`}
              </small>
              {owner === me ? (
                <p className="mlc-muted">{trans.__('Your own: somebody else answers it.')}</p>
              ) : (
                <div className="mlc-buttons">
                  {!expert && (
                    <button type="button" className="mlc-button" onClick={() => act(claim, () => enter(request))}>
                      {trans.__('Take it')}
                    </button>
                  )}
                  {(!expert || expert === me) && (
                    <button type="button" className="mlc-button mlc-plain-button" onClick={() => enter(request)}>
                      {expert ? trans.__('Go there') : trans.__('Read it')}
                    </button>
                  )}
                  {expert === me && (
                    <button
                      type="button"
                      className="mlc-button mlc-plain-button"
                      onClick={() => act({ type: 'expert.release', conversation })}
                    >
                      {trans.__('Give it back')}
                    </button>
                  )}
                  {roles.includes('admin') && (
                    <button
                      type="button"
                      className="mlc-button mlc-plain-button"
                      aria-expanded={assigning === conversation}
                      onClick={() => setAssigning(assigning === conversation ? null : conversation)}
                    >
                      {trans.__('Give it to…')}
                    </button>
                  )}
                </div>
              )}
              {assigning === conversation && (
                <WordForm
                  label={trans.__('Who shall answer %1?', owner)}
                  placeholder={trans.__('Name of an expert')}
                  act={trans.__('Assign')}
                  take={name => act({ ...claim, expert: name }, done)}
                  close={() => setAssigning(null)}
                />
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}
