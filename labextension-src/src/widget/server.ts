/** The Jupyter server of this page, where it is the one that runs the kernel, has us, and lets us open a socket. */
import type { ServerEvent } from '../protocol.gen';
import { addressOf, type Api, type Request } from '../ui/wire/api';
import { faultOf } from '../ui/wire/faults';

const PATIENCE_MS = 4_000;

interface Asked extends Pick<Request, 'method' | 'signal' | 'text'> {
  body?: BodyInit;
}

export interface Server {
  /** The path of the notebook as the server knows it. */
  notebook: string;
  socket(): WebSocket;
  api: Api;
}

/** Null where the widget has to do without: another page, another server's kernel, no extension, no sockets. */
export async function serverOf(kernel: string): Promise<Server | null> {
  const base = baseAddress();
  if (!base || !kernel) {
    return null;
  }
  const asked = async (path: string, { text, ...asks }: Asked = {}): Promise<unknown> => {
    const headers = { 'X-XSRFToken': /(?:^|; )_xsrf=([^;]*)/.exec(document.cookie)?.[1] ?? '' };
    const response = await fetch(new URL(path, base), { ...asks, headers, credentials: 'same-origin' });
    if (!response.ok) {
      throw await faultOf(response);
    }
    return response.status === 204 ? undefined : text ? response.text() : response.json();
  };
  const api: Api = {
    address: (path, query) => new URL(`mlchat/api/${addressOf(path, query)}`, base).href,
    request: <T>(path: readonly string[], { query, body, bytes, ...asks }: Request = {}) => {
      const content = bytes ?? (body === undefined ? body : JSON.stringify(body));
      return asked(`mlchat/api/${addressOf(path, query)}`, { ...asks, body: content }) as Promise<T>;
    }
  };
  const server: Omit<Server, 'notebook'> = {
    socket: () => new WebSocket(new URL('mlchat/ws', base).href.replace(/^http/, 'ws')),
    api
  };
  const found = Promise.all([api.request(['health']), asked('api/sessions')]).then(
    async ([, sessions]) => {
      const notebook = pathOf(kernel, sessions);
      return notebook !== null && (await greets(server.socket())) ? { ...server, notebook } : null;
    }
  );
  return Promise.race([found, after(PATIENCE_MS)]).catch(() => null);
}

/** Null on pages that are not a Jupyter server's own. */
function baseAddress(): URL | null {
  try {
    const config = JSON.parse(document.getElementById('jupyter-config-data')?.textContent ?? '');
    const base = new URL(`${config.baseUrl}`.replace(/\/*$/, '/'), window.location.href);
    return base.origin === window.location.origin ? base : null;
  } catch {
    return null;
  }
}

function pathOf(kernel: string, sessions: unknown): string | null {
  const known = sessions as { path: string; kernel: { id: string } | null }[];
  return known.find(session => session.kernel?.id === kernel)?.path ?? null;
}

/** A proxy may let requests through and no socket. */
function greets(socket: WebSocket): Promise<boolean> {
  return new Promise<boolean>(resolve => {
    socket.onmessage = ({ data }) => resolve((JSON.parse(data) as ServerEvent).type === 'hello');
    socket.onclose = () => resolve(false);
    window.setTimeout(() => resolve(false), PATIENCE_MS);
  }).finally(() => socket.close());
}

function after(milliseconds: number): Promise<null> {
  return new Promise(resolve => window.setTimeout(() => resolve(null), milliseconds));
}
