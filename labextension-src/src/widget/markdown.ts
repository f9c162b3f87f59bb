/** Markdown to a page without JupyterLab: by marked, cleaned by DOMPurify. Formulas wait as text to be typeset. */
import DOMPurify from 'dompurify';
import { Marked, type TokenizerAndRendererExtension } from 'marked';
import { harmless } from '../ui/text/harmless';
import { highlight } from './highlight';

const ALLOWED = {
  USE_PROFILES: { html: true, mathMl: true },
  FORBID_TAGS: ['style', 'form', 'input', 'button', 'textarea', 'select', 'video', 'audio', 'picture', 'source'],
  // An id or a name of ours, or of the page, is not for a text to take.
  FORBID_ATTR: ['id', 'name', 'class', 'style']
};

const marked = new Marked({
  gfm: true,
  renderer: { code: ({ text, lang }) => codeBlock(text, lang ?? '') },
  extensions: [
    // A block that begins at any `$` would make marked cut paragraphs there.
    mathematics('block', /^\$\$([^$]+)\$\$/, text => text.search(/^\$\$/m)),
    mathematics('inline', /^\$([^\s$](?:[^$\n]*[^\s$])?)\$(?!\d)/, text => text.indexOf('$'))
  ]
});

export function renderMarkdown(target: HTMLElement, markdown: string): void {
  target.innerHTML = clean(marked.parse(markdown, { async: false }));
  target.querySelectorAll<HTMLElement>('pre > code[data-language]').forEach(code => {
    highlight(code, code.dataset.language ?? '');
  });
}

export function clean(html: string): string {
  return harmless(DOMPurify.sanitize(html, ALLOWED));
}

/** Its language goes in a place of our own: classes of a text do not pass. */
function codeBlock(text: string, lang: string): string {
  const pre = document.createElement('pre');
  const code = document.createElement('code');
  code.dataset.language = lang.split(/\s/)[0].toLowerCase();
  code.textContent = `${text}\n`;
  pre.append(code);
  return pre.outerHTML;
}

function mathematics(
  level: 'block' | 'inline',
  form: RegExp,
  find: (text: string) => number
): TokenizerAndRendererExtension {
  const name = `${level}Mathematics`;
  return {
    name,
    level,
    start(text) {
      const at = find(text);
      return at < 0 ? undefined : at;
    },
    tokenizer(text) {
      const match = form.exec(text);
      return match ? { type: name, raw: match[0], text: match[1] } : undefined;
    },
    renderer: token => formula(token.text, level)
  };
}

/** Shown as it was written until it is typeset. */
function formula(tex: string, level: 'block' | 'inline'): string {
  const place = document.createElement(level === 'block' ? 'div' : 'span');
  place.dataset.tex = level;
  place.textContent = tex;
  return place.outerHTML;
}
