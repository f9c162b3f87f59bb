/** How the kernel of the active notebook stands: what the page knows, what the service says, and what was last seen. */
import * as React from 'react';
import type { KernelChanged } from '../../protocol.gen';
import type { Host, KernelView } from '../host';
import { type Look, lookOf } from '../state/kernels';
import type { Chat } from '../state/useChat';
import type { Trans } from '../trans';

export interface KernelNow extends KernelView {
  look: Look | undefined;
  busy: boolean;
  /** There is no process to ask. */
  gone: boolean;
  /** On the page's own clock, when it became busy. */
  since: number;
}

const WORDS: { readonly [S in KernelView['state']]: (trans: Trans) => string } = {
  idle: trans => trans.__('idle'),
  attached: trans => trans.__('idle'),
  busy: trans => trans.__('busy; answers come all the same'),
  restarting: trans => trans.__('restarting'),
  dead: trans => trans.__('dead; restart it to ask about models'),
  not_attached: trans => trans.__('not attached yet'),
  disabled: trans => trans.__('tools are switched off'),
  none: trans => trans.__('no kernel')
};

const GONE: ReadonlySet<KernelView['state']> = new Set<KernelView['state']>(['none', 'restarting', 'dead']);

/** The service knows whether it is attached and sees no flicker; the page knows first when a kernel goes. */
export function combined(page: KernelView, service: KernelChanged | undefined): Pick<KernelView, 'state' | 'detail'> {
  return service && !GONE.has(page.state) ? { state: service.state, detail: service.detail ?? '' } : page;
}

export function worded({ state, detail }: Pick<KernelView, 'state' | 'detail'>, trans: Trans): string {
  return detail || WORDS[state](trans);
}

export function useKernel(chat: Chat, host: Host): KernelNow {
  const [page, setPage] = React.useState(() => host.kernel());
  React.useEffect(() => {
    setPage(host.kernel());
    return host.onContext(() => setPage(host.kernel()));
  }, [host]);
  // What the service said before the connection was lost is old.
  const { state, detail } = combined(page, chat.status === 'open' ? chat.state.kernels[page.id] : undefined);
  const look = lookOf(chat.state, page.id);
  const busy = state === 'busy' || (!GONE.has(state) && Boolean(look?.told.running));
  const since = React.useMemo(() => performance.now(), [page.id, busy]);
  return { ...page, state, detail, look, busy, gone: GONE.has(state), since };
}
