/** REST of this Jupyter server. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { type Api, addressOf } from '../ui/wire/api';
import { faultOf } from '../ui/wire/faults';

export function serverApi(settings: ServerConnection.ISettings): Api {
  const at = (words: string): string => `${URLExt.join(settings.baseUrl, 'mlchat', 'api')}/${words}`;
  return {
    // A page of the server itself has its cookie; others say the token.
    address: (path, query) => at(addressOf(path, settings.appendToken && settings.token ? { ...query, token: settings.token } : query)),

    async request(path, { method = 'GET', query, body, bytes, text, signal } = {}) {
      const address = at(addressOf(path, query));
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      const raw = bytes && { body: bytes, headers: { 'Content-Type': 'application/octet-stream' } };
      const response = await ServerConnection.makeRequest(address, { method, signal, ...content, ...raw }, settings);
      if (!response.ok) {
        throw await faultOf(response);
      }
      return response.status === 204 ? undefined : text ? response.text() : response.json();
    }
  };
}
