/** The WebSocket of this Jupyter server. */
import { URLExt } from '@jupyterlab/coreutils';
import type { ServerConnection } from '@jupyterlab/services';
import { SocketTransport } from '../ui/wire/socket';
import type { Transport } from '../ui/wire/transport';

export function serverTransport(settings: ServerConnection.ISettings): Transport {
  return new SocketTransport(() => {
    const address = URLExt.join(settings.wsUrl, 'mlchat', 'ws');
    // A page of the server itself has its cookie; others say the token, as Jupyter's own sockets do.
    const token = settings.appendToken && settings.token ? `?token=${encodeURIComponent(settings.token)}` : '';
    return new settings.WebSocket(address + token);
  });
}
