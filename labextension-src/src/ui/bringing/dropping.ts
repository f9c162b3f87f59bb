/** Files that are dragged over the chat. */
import * as React from 'react';
import type { Directory } from './files';

/** True while some are over it. `within` is any element of the chat; nothing is taken while `taken` is null. */
export function useDrop(
  within: React.RefObject<HTMLElement>,
  taken: ((files: (File | Directory)[]) => void) | null,
  begins: () => void
): boolean {
  const [over, setOver] = React.useState(false);
  const latest = React.useRef({ taken, begins });
  latest.current = { taken, begins };
  React.useEffect(() => {
    const root = within.current?.closest<HTMLElement>('.mlc-root');
    const bears = (event: DragEvent): boolean =>
      latest.current.taken !== null && (event.dataTransfer?.types.includes('Files') ?? false);
    const moves = (event: DragEvent): void => {
      if (bears(event)) {
        event.preventDefault();
        setOver(true);
      }
    };
    const enters = (event: DragEvent): void => {
      if (bears(event)) {
        latest.current.begins();
      }
    };
    const leaves = (event: DragEvent): void => {
      if (!root?.contains(event.relatedTarget as Node | null)) {
        setOver(false);
      }
    };
    const drops = (event: DragEvent): void => {
      setOver(false);
      if (bears(event) && event.dataTransfer) {
        event.preventDefault();
        event.stopPropagation();
        latest.current.taken?.(filesOf(event.dataTransfer));
      }
    };
    const listeners = { dragenter: enters, dragover: moves, dragleave: leaves, drop: drops };
    const all = Object.entries(listeners) as [keyof typeof listeners, (event: DragEvent) => void][];
    all.forEach(([name, listener]) => root?.addEventListener(name, listener));
    return () => all.forEach(([name, listener]) => root?.removeEventListener(name, listener));
  }, [within]);
  return over;
}

function filesOf({ items, files }: DataTransfer): (File | Directory)[] {
  const entries = [...items].filter(item => item.kind === 'file').map(item => item.webkitGetAsEntry?.() ?? null);
  return [...files].map((file, at) => (entries[at]?.isDirectory ? { name: file.name, folder: true } : file));
}
