/** What a person brings along with a question. */
import { type Context, MAX_PICTURE_BYTES, MAX_PICTURES, type Picture, type TurnStart } from '../../protocol.gen';
import type { Trans } from '../trans';
import { pictureAt } from '../turns/picture';

export interface Attached {
  kind: 'selection' | 'cell' | 'error' | 'figure' | 'file';
  /** What the service is told; its tools look it up, and what they may tell an llm is their policy. */
  ref?: string;
  /** Goes along in the message itself: only what a person could as well have typed. */
  quote?: string;
  /** The id of the cell it is from, and its number if it has run. */
  cell?: string;
  number?: number | null;
  /** The name of a file, and what to say of it. */
  name?: string;
  found?: string;
  warning?: boolean;
  /** What is shown when it is opened. It stays in the page. */
  text?: string;
  /** The address of a figure's picture, which goes along where it can: see `pictureIn`. */
  picture?: string;
}

export const keyOf = (one: Attached): string => [one.kind, one.ref, one.cell, one.quote].join('\n');

export function labelOf(one: Attached, trans: Trans): string {
  const cell = one.number ? `In[${one.number}]` : trans.__('a cell that has not run');
  switch (one.kind) {
    case 'selection':
      return trans._n('%1 line of %2', '%1 lines of %2', one.quote?.split('\n').length ?? 0, cell);
    case 'error':
      return trans.__('Error in %1', cell);
    case 'figure':
      return trans.__('Figure of %1', cell);
    case 'file':
      return one.name ?? '';
    default:
      return one.number ? cell : trans.__('A cell that has not run');
  }
}

/** How it goes along, for whoever looks at it before sending. */
export function wayOf(one: Attached, trans: Trans): string {
  if (one.quote !== undefined) {
    return trans.__('Sent as part of your message.');
  }
  if (one.picture) {
    return pictureIn(one)
      ? trans.__('Sent as a picture to a language model that sees: at once where raw rows may leave, else when you allow it.')
      : trans.__('Named in your message. As a picture go a PNG or a JPEG of at most %1 MB.', (MAX_PICTURE_BYTES / 2 ** 20).toFixed(0));
  }
  return one.kind === 'file'
    ? trans.__('Named in your message by its number; nothing in it is loaded.')
    : trans.__('Named in your message; tools look it up in the kernel.');
}

/** What goes along by reference, as it is kept with the question. */
export interface Along extends Pick<Attached, 'kind' | 'cell' | 'number' | 'name'> {
  ref: string;
}

const KINDS: ReadonlySet<unknown> = new Set<Along['kind']>(['selection', 'cell', 'error', 'figure', 'file']);
const MOST_ALONG = 50;

/** Each reference once. */
export function alongOf(attached: readonly Attached[]): Along[] {
  const byRef = attached.flatMap(({ kind, ref, cell, number, name }) => (ref ? [[ref, { kind, ref, cell, number, name }] as const] : []));
  return [...new Map(byRef).values()];
}

/** The same, out of what any front end has kept with a question. */
export function alongIn(metadata: { readonly [name: string]: unknown } = {}): Along[] {
  const kept: unknown[] = Array.isArray(metadata.attached) ? metadata.attached.slice(0, MOST_ALONG) : [];
  return kept.filter((one): one is Along => {
    const { kind, ref, cell = '', number = null, name = '' } = (one ?? {}) as { [name: string]: unknown };
    const words = [ref, cell, name].every(word => typeof word === 'string');
    return KINDS.has(kind) && words && ref !== '' && (number === null || typeof number === 'number');
  });
}

/** The place of a question, and what is kept with it. */
export function taking(
  along: readonly Along[],
  place: Context,
  images: readonly Picture[] = []
): Pick<TurnStart, 'context' | 'metadata' | 'images'> {
  const attached = [...(place.attached ?? []), ...along.map(one => one.ref)];
  const shown = images.length ? { images: [...images] } : {};
  return along.length ? { context: { ...place, attached }, metadata: { attached: along }, ...shown } : { context: place, ...shown };
}

/** A figure as it goes along; null for what can't, and is named alone. */
function pictureIn({ kind, ref = '', picture = '' }: Attached): Picture | null {
  const found = kind === 'figure' ? pictureAt(picture, ref) : null;
  return found && found.data.length <= MAX_PICTURE_BYTES ? found : null;
}

/** The message with everything that was attached, as it is sent. */
export function composed(text: string, attached: readonly Attached[]): { text: string; along: Along[]; images: Picture[] } {
  const quotes = attached.flatMap(one => (one.quote === undefined ? [] : [fenced(one.quote)]));
  return { text: [text, ...quotes].join('\n\n'), along: alongOf(attached), images: attached.flatMap(one => pictureIn(one) ?? []) };
}

/** "" when that many can go along. */
export function problemIn(images: readonly Picture[], trans: Trans): string {
  return images.length > MAX_PICTURES ? trans.__('At most %1 figures go along with a question: take one away.', MAX_PICTURES) : '';
}

/** Between fences longer than any in it. */
function fenced(code: string): string {
  const longest = Math.max(2, ...(code.match(/`+/g) ?? []).map(run => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}python\n${code}\n${fence}`;
}
