/** The figure of a result: it stays in the kernel and is fetched when it is first looked at. */
import * as React from 'react';
import type { Host } from '../host';

interface Props {
  reference: string;
  /** What it shows, for those who don't see it. */
  label: string;
  host: Host;
}

export function Figure({ reference, label, host }: Props): JSX.Element | null {
  const place = React.useRef<HTMLDivElement>(null);
  const [picture, setPicture] = React.useState('');
  const [gone, setGone] = React.useState(false);

  React.useEffect(() => {
    const { current } = place;
    if (!current || !host.fetchFigure) {
      return;
    }
    let listening = true;
    const seen = new IntersectionObserver(entries => {
      if (!entries.some(entry => entry.isIntersecting)) {
        return;
      }
      seen.disconnect();
      host.fetchFigure!(host.kernel().id, reference).then(
        address => listening && setPicture(address),
        () => listening && setGone(true)
      );
    });
    seen.observe(current);
    return () => {
      listening = false;
      seen.disconnect();
    };
  }, [reference, host]);

  if (!host.fetchFigure || gone) {
    return null;
  }
  return (
    <div ref={place} className="mlc-figure" data-loaded={picture !== ''}>
      {picture && <img src={picture} alt={label} />}
    </div>
  );
}
