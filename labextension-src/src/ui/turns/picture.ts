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
