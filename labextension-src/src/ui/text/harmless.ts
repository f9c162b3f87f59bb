/** HTML from markdown that nobody vouches for: nothing in it may reach another host or run. */

const DATA_IMAGE = /^data:image\/(png|jpeg|gif|webp|svg\+xml);/i;
const LINK = /^(https?:|mailto:|#)/i;
/** Attributes that name something to load, or somewhere to send. */
const LOADING = ['src', 'srcset', 'poster', 'background', 'data', 'action', 'formaction', 'ping', 'xlink:href', 'lowsrc'];

/** What runs, or exists to load something. */
const GONE =
  'script, style, link, meta, base, iframe, frame, object, embed, video, audio, source, track, use, form, textarea, select';

/** The same HTML without remote images, scripts and their links. Parsed where nothing is loaded. */
export function harmless(html: string): string {
  const inert = document.implementation.createHTMLDocument('');
  inert.body.innerHTML = html;
  strip(inert.body);
  return inert.body.innerHTML;
}

/** Take out of `root` what loads or runs; an image leaves its description. */
export function strip(root: Element): void {
  root.querySelectorAll(GONE).forEach(element => element.remove());
  root.querySelectorAll('img, image, input[type=image]').forEach(image => {
    const source = image.getAttribute('src') ?? image.getAttribute('href') ?? '';
    if (!DATA_IMAGE.test(source.trim())) {
      image.replaceWith(root.ownerDocument.createTextNode(image.getAttribute('alt') || '[image]'));
    }
  });
  root.querySelectorAll('*').forEach(stripAttributes);
}

function stripAttributes(element: Element): void {
  for (const { name, value } of Array.from(element.attributes)) {
    const isImage = name === 'src' && DATA_IMAGE.test(value.trim());
    const loads = LOADING.includes(name.toLowerCase()) && !isImage;
    if (loads || /^on/i.test(name) || (name === 'style' && /url\s*\(|@import|expression/i.test(value))) {
      element.removeAttribute(name);
    }
  }
  if (element.hasAttribute('href') && !(element.localName === 'a' && LINK.test(address(element)))) {
    element.removeAttribute('href');
  }
  if (element.localName === 'a' && element.hasAttribute('href')) {
    element.setAttribute('rel', 'noopener noreferrer');
    if (!address(element).startsWith('#')) {
      element.setAttribute('target', '_blank');
    }
  }
}

/** As a browser reads it: without the control characters that hide a scheme. */
function address(element: Element): string {
  // eslint-disable-next-line no-control-regex
  return (element.getAttribute('href') ?? '').replace(/[\u0000-\u0020]+/g, '');
}
