/** The requests for a person, for who may answer them. The service tells of them when it is asked. */
import * as React from 'react';
import type { ExpertQueue, FaultRecord, HelpRequest } from '../../protocol.gen';
import type { Api } from '../wire/api';
import { asFault } from '../wire/faults';

export interface Queue {
  /** Null before it was told. */
  requests: readonly HelpRequest[] | null;
  fault: FaultRecord | null;
  look(): void;
}

/** Looks again every so often, while the page is looked at. Without `api` there is none. */
export function useQueue(api: Api | undefined, everyMs: number): Queue {
  const [requests, setRequests] = React.useState<Queue['requests']>(null);
  const [fault, setFault] = React.useState<FaultRecord | null>(null);
  const look = React.useCallback(() => {
    api?.request<ExpertQueue>(['experts', 'queue']).then(
      told => {
        setRequests(told.requests);
        setFault(null);
      },
      thrown => setFault(asFault(thrown))
    );
  }, [api]);
  React.useEffect(() => {
    look();
    const timer = window.setInterval(() => document.hidden || look(), everyMs);
    return () => window.clearInterval(timer);
  }, [look, everyMs]);
  return { requests, fault, look };
}

/** What waits for me: requests that nobody has taken, and questions in those that I have. */
export function unread(requests: readonly HelpRequest[], me: string): number {
  const waits = ({ expert, owner, waiting = 0 }: HelpRequest): number =>
    owner === me ? 0 : !expert ? 1 : expert === me ? waiting : 0;
  return requests.reduce((sum, request) => sum + waits(request), 0);
}
