import type { Picture } from '../../protocol.gen';

/** How the bytes of each begin, in base64. */
const BEGINNINGS: { readonly [type: string]: string } = { 'image/png': 'iVBORw0KGgo', 'image/jpeg': '/9j/' };

/** The `data:` address of what went along with a question; "" for what is no PNG and no JPEG. */
export function addressOf({ media_type, data }: Picture): string {
  const begins = BEGINNINGS[media_type];
  return begins && data.startsWith(begins) && /^[A-Za-z0-9+/]+={0,2}$/.test(data) ? `data:${media_type};base64,${data}` : '';
}

/** A figure as the service sends it, and as a page may show it. */
export interface Display {
  mime: string;
  data: string;
}

/** A `data:` address. Throws for anything but a PNG: an SVG may hold scripts. */
export function pictureOf({ mime, data }: Display): string {
  if (mime !== 'image/png' || !/^[A-Za-z0-9+/]+=*$/.test(data)) {
    throw new Error('This is no picture.');
  }
  return `data:image/png;base64,${data}`;
}

/** What such an address holds, from where it is; null for another address. */
export function pictureAt(address: string, from = ''): Picture | null {
  const [, media_type, data] = /^data:(image\/(?:png|jpeg));base64,(.*)$/.exec(address) ?? [];
  const found = { media_type, data, from } as Picture;
  return data && addressOf(found) ? found : null;
}
