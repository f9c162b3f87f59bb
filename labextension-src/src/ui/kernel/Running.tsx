/** The cell that runs: for how long, in what, how far it is, and how long it will still take. */
import * as React from 'react';
import type { RunningNow } from '../../protocol.gen';
import { type Trans, useTrans } from '../trans';
import type { KernelNow } from './now';

export function spoken(seconds: number, trans: Trans): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) {
    return trans.__('%1 s', whole);
  }
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? trans.__('%1 min %2 s', minutes, whole % 60) : trans.__('%1 h %2 min', Math.floor(minutes / 60), minutes % 60);
}

/** What is over by then is no news: it would only move what somebody is about to press. */
const NEWS_S = 0.5;

/** `short` leaves out what a strip has no room for. */
export function Running({ kernel, short = false }: { kernel: KernelNow; short?: boolean }): JSX.Element | null {
  const trans = useTrans();
  const [, tick] = React.useReducer((count: number) => count + 1, 0);
  const running = kernel.look?.told.running ?? null;
  const arrived = React.useMemo(() => performance.now(), [running]);
  const { busy } = kernel;
  React.useEffect(() => {
    const first = busy ? window.setTimeout(tick, NEWS_S * 1000) : 0;
    const timer = busy ? window.setInterval(tick, 1000) : 0;
    return () => {
      window.clearTimeout(first);
      window.clearInterval(timer);
    };
  }, [busy]);
  const passed = (performance.now() - (running ? arrived : kernel.since)) / 1000;
  if (!busy || (!running && passed < NEWS_S)) {
    return null;
  }
  const words = [
    running ? trans.__('In[%1]', running.number) : '',
    trans.__('for %1', spoken((running?.elapsed_s ?? 0) + passed, trans)),
    short ? '' : (running?.inside ?? ''),
    short ? '' : counted(running, trans),
    running?.eta_s == null ? '' : trans.__('about %1 left', spoken(running.eta_s - passed, trans))
  ];
  const known = running?.total ? { max: running.total, value: running.done ?? 0 } : {};
  return (
    <span className="mlc-running">
      <span>{words.filter(Boolean).join(' · ')}</span>
      {(!short || running?.total) && <progress aria-label={trans.__('Progress of the running cell')} {...known} />}
    </span>
  );
}

function counted(running: RunningNow | null, trans: Trans): string {
  return running?.total ? `${trans.__('%1 of %2', running.done ?? 0, running.total)} ${running.unit ?? ''}` : '';
}
