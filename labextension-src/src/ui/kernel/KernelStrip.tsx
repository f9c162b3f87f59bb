/** Where the next message goes: the notebook, its kernel, and how that is. */
import * as React from 'react';
import type { KernelChanged } from '../../protocol.gen';
import type { Host, KernelView } from '../host';

type KernelState = KernelView['state'];

const WORDS: Record<KernelState, string> = {
  idle: 'idle',
  attached: 'idle',
  busy: 'busy; answers come all the same',
  restarting: 'restarting',
  dead: 'dead; restart it to ask about models',
  not_attached: 'not attached yet',
  disabled: 'tools are switched off',
  none: 'no kernel'
};

/** The service knows whether it is attached and sees no flicker; the page knows first when a kernel goes. */
export function combined(page: KernelView, service: KernelChanged | undefined): Pick<KernelView, 'state' | 'detail'> {
  const gone = page.state === 'none' || page.state === 'restarting' || page.state === 'dead';
  return service && !gone ? { state: service.state, detail: service.detail ?? '' } : page;
}

export function KernelStrip({
  id,
  host,
  kernels
}: {
  id: string;
  host: Host;
  kernels: { readonly [id: string]: KernelChanged };
}): JSX.Element {
  const [page, setPage] = React.useState(() => host.kernel());
  React.useEffect(() => {
    setPage(host.kernel());
    return host.onContext(() => setPage(host.kernel()));
  }, [host]);
  const { state, detail } = combined(page, kernels[page.id]);
  const words = detail || WORDS[state];
  const where = [page.notebook || 'No notebook', page.name].filter(Boolean).join(' · ');
  return (
    <div className="mlc-kernel" role="status" data-state={state} id={id} title={`${where}: ${words}`}>
      <span className="mlc-dot" aria-hidden="true" />
      <span className="mlc-where">{where}</span>
      <span className="mlc-muted">{words}</span>
    </div>
  );
}
