/** The buttons below a block of code. */
import type { Host } from '../host';

const SAID_MS = 1500;

export function addCodeBars(drawn: HTMLElement, host: Host): void {
  drawn.querySelectorAll('pre').forEach(block => {
    const code = (block.textContent ?? '').replace(/\n$/, '');
    block.tabIndex = 0;
    block.after(codeBar(code, host));
  });
}

export function codeBar(code: string, host: Host): HTMLElement {
  const bar = document.createElement('div');
  bar.className = 'mlc-codebar';
  const button = (label: string, act: () => void | Promise<void>): void => {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = 'mlc-mini';
    made.textContent = label;
    made.onclick = () => {
      Promise.resolve()
        .then(act)
        .then(
          () => say(made, label, 'Done'),
          () => say(made, label, 'Failed')
        );
    };
    bar.append(made);
  };
  button('Copy', () => copy(code));
  const { insertCell, replaceCell } = host;
  if (insertCell) {
    button('Insert as cell', () => insertCell.call(host, code));
  }
  if (replaceCell) {
    button('Replace cell', () => replaceCell.call(host, code));
  }
  return bar;
}

function say(button: HTMLButtonElement, label: string, word: string): void {
  button.dataset.said = word.toLowerCase();
  button.title = word;
  window.setTimeout(() => {
    delete button.dataset.said;
    button.title = label;
  }, SAID_MS);
}

/** Pages over plain http have no clipboard: there the old way is taken. */
export async function copy(code: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(code);
    return;
  }
  const area = document.createElement('textarea');
  area.value = code;
  area.style.position = 'fixed';
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (!copied) {
    throw new Error('The browser did not let us copy.');
  }
}
