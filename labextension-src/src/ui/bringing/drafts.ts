/** What was written and not sent, kept for each notebook: it survives a reload, and a look at another one. */
import * as React from 'react';
import type { Host, Keep } from '../host';
import type { Attached } from './attached';

export interface Draft {
  text: string;
  attached: readonly Attached[];
}

const EMPTY: Draft = { text: '', attached: [] };
/** A longer one is not kept: the page has little room, and others want some of it. */
const LONGEST = 100_000;

export const isEmpty = ({ text, attached }: Draft): boolean => text === '' && attached.length === 0;

const nameOf = (place: string): string => `draft:${place}`;

export function readDraft(keep: Keep | undefined, place: string): Draft {
  try {
    const { text, attached } = JSON.parse(keep?.get(nameOf(place)) ?? '');
    return typeof text === 'string' && Array.isArray(attached) ? { text, attached } : EMPTY;
  } catch {
    return EMPTY;
  }
}

export function writeDraft(keep: Keep | undefined, place: string, draft: Draft): void {
  const kept = { ...draft, attached: draft.attached.map(({ picture: _, ...rest }) => rest) };
  const value = isEmpty(draft) || draft.text.length > LONGEST ? '' : JSON.stringify(kept);
  keep?.set(nameOf(place), value.length > 2 * LONGEST ? '' : value);
}

export interface Drafting {
  draft: Draft;
  change: (part: (before: Draft) => Partial<Draft>) => void;
  /** Take what can go along to the place that is shown next, behind what waits there. */
  carry: () => void;
}

export function useDraft(host: Host, place: string): Drafting {
  const { keep } = host;
  const [here, setHere] = React.useState(() => ({ place, draft: readDraft(keep, place) }));
  const carried = React.useRef<Draft | null>(null);
  React.useEffect(
    () =>
      host.onRename?.((before, after) => {
        writeDraft(keep, after, readDraft(keep, before));
        writeDraft(keep, before, EMPTY);
      }),
    [host, keep]
  );
  React.useEffect(() => writeDraft(keep, here.place, here.draft), [here, keep]);
  React.useLayoutEffect(() => {
    if (here.place !== place) {
      const waiting = readDraft(keep, place);
      const draft = carried.current ? joined(waiting, carried.current) : waiting;
      carried.current = null;
      setHere({ place, draft });
    }
  }, [here, keep, place]);
  return {
    draft: here.draft,
    change: part => setHere(before => ({ ...before, draft: { ...before.draft, ...part(before.draft) } })),
    carry: () => {
      carried.current = here.draft;
      writeDraft(keep, here.place, EMPTY);
    }
  };
}

/** What is of a cell belongs to the notebook it is in. */
function joined(waiting: Draft, carried: Draft): Draft {
  return {
    text: [waiting.text, carried.text].filter(Boolean).join('\n'),
    attached: [...waiting.attached, ...carried.attached.filter(one => one.quote !== undefined || one.kind === 'file')]
  };
}
