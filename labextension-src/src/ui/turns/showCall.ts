/** A turn that is far from what is in view is drawn within this time of coming near. */
const DRAWN_WITHIN_MS = 2000;

/** Open the card of a call, in whichever turn it stands, and go there. */
export function showCall(from: HTMLElement, call: string): void {
  const chat = from.closest('.mlc-root');
  if (chat && !went(chat, call)) {
    const drawn = new MutationObserver(() => went(chat, call) && drawn.disconnect());
    drawn.observe(chat, { childList: true, subtree: true });
    window.setTimeout(() => drawn.disconnect(), DRAWN_WITHIN_MS);
  }
}

/** False where only its stand-in is there, to which the log has gone now. */
function went(chat: Element, call: string): boolean {
  const place = Array.from(chat.querySelectorAll<HTMLElement>('[data-call]')).find(one => one.dataset.call === call);
  const card = place instanceof HTMLDetailsElement ? place : null;
  if (card) {
    card.open = true;
  }
  place?.scrollIntoView({ block: 'nearest' });
  card?.querySelector('summary')?.focus({ preventScroll: true });
  return !place || card !== null;
}
