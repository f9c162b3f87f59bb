/** How much waits for this expert, always in sight. */
import * as React from 'react';
import { useApp } from '../app';
import type { State } from '../state/state';
import { useTrans } from '../trans';
import { unread, useQueue } from './useQueue';

const EVERY_MS = 15_000;

export function QueueTag({ me }: { me: State['me'] }): JSX.Element | null {
  const { host } = useApp();
  return me.roles.length && me.experts && host.api ? <Tag me={me.principal} /> : null;
}

function Tag({ me }: { me: string }): JSX.Element {
  const { host, open } = useApp();
  const trans = useTrans();
  const { requests } = useQueue(host.api, EVERY_MS);
  const count = unread(requests ?? [], me);
  return (
    <button type="button" className="mlc-mini mlc-badge" data-waiting={count > 0} onClick={() => open('queue')}>
      {trans.__('Queue')} <b aria-label={trans._n('%1 waits for you', '%1 wait for you', count)}>{count}</b>
    </button>
  );
}
