/** Where the next message goes: the notebook, its kernel, and how that is. It opens the page about it. */
import * as React from 'react';
import type { Host } from '../host';
import type { Chat } from '../state/useChat';
import { useApp } from '../app';
import { useTrans } from '../trans';
import { useKernel, worded } from './now';
import { Running } from './Running';

/** A running cell is asked for this often, while somebody looks. */
const EVERY_MS = 2000;

export function KernelStrip({ id, chat, host }: { id: string; chat: Chat; host: Host }): JSX.Element {
  const trans = useTrans();
  const { open } = useApp();
  const kernel = useKernel(chat, host);
  useProgress(chat, host, kernel.id, kernel.busy && kernel.state !== 'disabled');
  const words = worded(kernel, trans);
  const where = [kernel.notebook || trans.__('No notebook'), kernel.name].filter(Boolean).join(' · ');
  return (
    <div className="mlc-kernel" data-state={kernel.state}>
      <span className="mlc-kernel-where" role="status" id={id} title={`${where}: ${words}`}>
        <span className="mlc-kernel-name">
          <span className="mlc-dot" aria-hidden="true" />
          <span className="mlc-where">{where}</span>
        </span>
        <span className="mlc-muted">{words}</span>
      </span>
      <button type="button" className="mlc-mini" aria-haspopup="dialog" onClick={() => open('kernel')}>
        {trans.__('Kernel')}
      </button>
      <Running kernel={kernel} short />
    </div>
  );
}

/** While a cell runs and somebody looks: how far it is. One question at a time. */
function useProgress(chat: Chat, host: Host, kernel: string, busy: boolean): void {
  const { ask } = chat;
  const asks = busy && chat.status === 'open';
  React.useEffect(() => {
    if (!asks) {
      return undefined;
    }
    let waits = false;
    const look = (): void => {
      if (waits || document.visibilityState !== 'visible' || host.sight?.seen() === false) {
        return;
      }
      waits = true;
      const over = (): void => {
        waits = false;
      };
      // Who does not answer is asked again; the strip says anyway that it is busy.
      ask({ type: 'kernel.get', kernel, cards: false }, 'kernel.view').then(over, over);
    };
    const first = window.setTimeout(look, 1000);
    const timer = window.setInterval(look, EVERY_MS);
    return () => {
      window.clearTimeout(first);
      window.clearInterval(timer);
    };
  }, [ask, host, kernel, asks]);
}
