/** The language models of the service: what it knows at once, then more as its providers answer. */
import * as React from 'react';
import type { FaultRecord, LlmsTold } from '../../protocol.gen';
import { useApp } from '../app';
import { asFault } from '../wire/faults';

/** Typing is followed when it rests for so long. */
const REST_MS = 150;
/** The service waits some seconds for its providers each time; some never answer. */
const MOST_ROUNDS = 6;

export interface Llms {
  /** Null before the first answer. */
  told: LlmsTold | null;
  fault: FaultRecord | null;
  /** More may come. */
  busy: boolean;
  refresh: () => void;
}

export function useLlms(word: string): Llms {
  const { ask } = useApp();
  const [told, setTold] = React.useState<LlmsTold | null>(null);
  const [fault, setFault] = React.useState<FaultRecord | null>(null);
  const [busy, setBusy] = React.useState(true);
  const [forced, setForced] = React.useState(0);
  const done = React.useRef(0);
  React.useEffect(() => {
    let gone = false;
    const look = async (): Promise<void> => {
      setBusy(true);
      setFault(null);
      const refresh = forced !== done.current;
      done.current = forced;
      try {
        for (let round = 0; round < MOST_ROUNDS && !gone; round++) {
          const first = round === 0;
          const answer = await ask({ type: 'llms.get', word, refresh: refresh && first, wait: !first }, 'llms');
          if (gone) {
            return;
          }
          setTold(answer);
          if (answer.complete) {
            break;
          }
        }
      } catch (thrown) {
        if (!gone) {
          setFault(asFault(thrown));
        }
      }
      if (!gone) {
        setBusy(false);
      }
    };
    const timer = window.setTimeout(() => void look(), word ? REST_MS : 0);
    return () => {
      gone = true;
      window.clearTimeout(timer);
    };
  }, [ask, word, forced]);
  return { told, fault, busy, refresh: React.useCallback(() => setForced(before => before + 1), []) };
}
