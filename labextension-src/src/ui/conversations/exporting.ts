/** A conversation as a file: fetched, named, and given to the browser. */
import type { ConversationId, ExportFormat } from '../../protocol.gen';
import type { App } from '../app';

const KINDS: { readonly [F in ExportFormat]: { ending: string; type: string } } = {
  notebook: { ending: 'ipynb', type: 'application/x-ipynb+json' },
  markdown: { ending: 'md', type: 'text/markdown' },
  json: { ending: 'json', type: 'application/json' }
};

const NAME_LENGTH = 60;

/** By REST where there is one: a frame of the socket has its bounds. */
export async function exported({ host, ask }: App, conversation: ConversationId, format: ExportFormat): Promise<string> {
  if (host.api) {
    return host.api.request<string>(['conversations', conversation, 'export'], { query: { format }, text: true });
  }
  return (await ask({ type: 'export.get', conversation, format }, 'exported')).text;
}

/** Letters and numbers of the title: it may hold anything. */
export function fileName(title: string, format: ExportFormat): string {
  const name = title.replace(/[^\p{L}\p{N}_-]+/gu, ' ').trim();
  return `${[...name].slice(0, NAME_LENGTH).join('').trim() || 'conversation'}.${KINDS[format].ending}`;
}

export function download(name: string, text: string, format: ExportFormat): void {
  const address = URL.createObjectURL(new Blob([text], { type: KINDS[format].type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken it by then.
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
