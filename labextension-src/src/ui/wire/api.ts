/** The server's REST, where a page reaches it. Most of what the panel asks goes over its socket, which all pages have. */
export interface Request {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  query?: { readonly [name: string]: string | number };
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as they are. */
  bytes?: Blob;
  signal?: AbortSignal;
  /** Take the answer as it is, and not as JSON. */
  text?: boolean;
}

export interface Api {
  /** Where a page finds `path`, for a link. */
  address(path: readonly string[], query?: Request['query']): string;
  /** The answer to `path` below `mlchat/api`, its segments not yet encoded. Rejects with a `FaultRecord`. */
  request<T>(path: readonly string[], request?: Request): Promise<T>;
}

export function addressOf(path: readonly string[], query: Request['query'] = {}): string {
  const words = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return [path.map(encodeURIComponent).join('/'), words.join('&')].filter(Boolean).join('?');
}
