/** Where the keyboard goes when what it pressed is gone. */
import * as React from 'react';

/** Give the ref to what holds the buttons: once `answered`, it has the focus, unless that has gone elsewhere. */
export function useAnswered(answered: boolean): React.RefObject<HTMLDivElement> {
  const place = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    const { activeElement, body } = document;
    if (answered && place.current && (activeElement === body || place.current.contains(activeElement))) {
      place.current.querySelector<HTMLElement>('[tabindex="-1"]')?.focus({ preventScroll: true });
    }
  }, [answered]);
  return place;
}
