/** How a provider stands: a colour, and always the word. */
import * as React from 'react';
import type { ProviderInfo } from '../../protocol.gen';
import { Words } from '../text/words';
import { type Trans, useTrans } from '../trans';

export function wordOf({ status }: ProviderInfo, trans: Trans): string {
  const words: { [status: string]: string } = {
    healthy: trans.__('healthy'),
    unhealthy: trans.__('not answering'),
    error: trans.__('in error'),
    no_key: trans.__('no key'),
    unknown: trans.__('not asked')
  };
  return words[status] ?? status;
}

export function Health({ provider }: { provider: ProviderInfo }): JSX.Element {
  const trans = useTrans();
  return (
    <span className="mlc-health" data-status={provider.status}>
      {wordOf(provider, trans)}
    </span>
  );
}

/** What is wrong with a provider, and what the person who runs the server can do about it. Never a key. */
export function Trouble({ provider }: { provider: ProviderInfo }): JSX.Element | null {
  const trans = useTrans();
  const { status, key, error } = provider;
  const words =
    status === 'no_key' && key
      ? trans.__("Missing: `%1=…` in the server's environment, or in the file that `env_file` names.", key)
      : error;
  return words ? (
    <p className="mlc-muted">
      <Words text={words} />
    </p>
  ) : null;
}
