/** Views that others register for kinds of parts which the chat does not know by itself. */
import type * as React from 'react';
import type { OtherPart, Turn } from '../state/state';

export interface OtherProps {
  /** `part.event` is what the service told, `part.text` the same in words. */
  part: OtherPart;
  turn: Turn;
}

export type OtherView = React.ComponentType<OtherProps>;

export interface PartViews {
  /** Draw parts of `kind` with `view`. Throws when something else does already. Returns what ends it. */
  register(kind: string, view: OtherView): () => void;
  find(kind: string): OtherView | undefined;
  /** Calls `listener` when a view came or went. Returns what ends it. */
  onChange(listener: () => void): () => void;
}

/** `taken` are the kinds that the chat draws itself. */
export function partViews(taken: ReadonlySet<string>): PartViews {
  const views = new Map<string, OtherView>();
  const listeners = new Set<() => void>();
  const tell = (): void => [...listeners].forEach(listener => listener());
  return {
    register(kind, view) {
      if (taken.has(kind) || views.has(kind)) {
        throw new Error(`Parts of the kind "${kind}" have a view already.`);
      }
      views.set(kind, view);
      tell();
      return () => {
        if (views.get(kind) === view) {
          views.delete(kind);
          tell();
        }
      };
    },
    find: kind => views.get(kind),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    }
  };
}
