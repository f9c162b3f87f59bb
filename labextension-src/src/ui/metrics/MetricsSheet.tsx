/** What happened lately: turns, times, tokens, money, tools, providers. */
import * as React from 'react';
import type { FaultRecord, MetricsSummary, ProvidersHealth, UsageReport, UsageRow } from '../../protocol.gen';
import type { SheetProps } from '../sheets/sheets';
import { duration } from '../text/words';
import { type Trans, useTrans } from '../trans';
import { FaultLine } from '../turns/FaultLine';
import { asFault } from '../wire/faults';
import { type Bar, Bars } from './Bars';

const DAYS = [1, 7, 30, 90, 365];

interface Told {
  summary: MetricsSummary;
  usage: UsageReport;
}

export function MetricsSheet({ chat, host }: SheetProps): JSX.Element {
  const trans = useTrans();
  const [days, setDays] = React.useState(30);
  const [scope, setScope] = React.useState<MetricsSummary['scope']>('own');
  const [told, setTold] = React.useState<Told | null>(null);
  const [health, setHealth] = React.useState<ProvidersHealth | null>(null);
  const [fault, setFault] = React.useState<FaultRecord | null>(null);
  const { api } = host;
  React.useEffect(() => {
    let listening = true;
    const refuse = (thrown: unknown): void => void (listening && setFault(asFault(thrown)));
    if (api) {
      setFault(null);
      Promise.all([
        api.request<MetricsSummary>(['metrics', 'summary'], { query: { days, scope } }),
        api.request<UsageReport>(['usage'], { query: { days, by: 'day' } })
      ]).then(([summary, usage]) => listening && setTold({ summary, usage }), refuse);
    }
    return () => {
      listening = false;
    };
  }, [api, days, scope]);
  React.useEffect(() => {
    // It waits for the providers: the figures are not to wait with it.
    api?.request<ProvidersHealth>(['providers', 'health']).then(setHealth, () => undefined);
  }, [api]);
  return (
    <>
      <div className="mlc-buttons">
        <label>
          {trans.__('Days')}{' '}
          <select value={days} onChange={event => setDays(Number(event.currentTarget.value))}>
            {DAYS.map(count => (
              <option key={count} value={count}>
                {count === 1 ? trans.__('today') : trans.__('the last %1', count)}
              </option>
            ))}
          </select>
        </label>
        {chat.state.me.roles.includes('admin') && (
          <label>
            {trans.__('Of')}{' '}
            <select value={scope} onChange={event => setScope(event.currentTarget.value as typeof scope)}>
              <option value="own">{trans.__('me')}</option>
              <option value="all">{trans.__('everybody')}</option>
            </select>
          </label>
        )}
      </div>
      {fault && <FaultLine fault={fault} />}
      {!told && !fault && <p className="mlc-muted">{trans.__('Looking…')}</p>}
      {told && <Figures {...told} />}
      {health && <Providers health={health} />}
    </>
  );
}

function Figures({ summary, usage }: Told): JSX.Element {
  const trans = useTrans();
  const { elapsed_ms: times, turns, llms } = summary;
  const asked = Object.values(turns).reduce((sum, count) => sum + count, 0);
  const tokens = summary.prompt_tokens + summary.completion_tokens;
  const timed = [
    { name: trans.__('half within'), value: times.p50 ?? 0 },
    { name: trans.__('95 % within'), value: times.p95 ?? 0 },
    { name: trans.__('on average'), value: times.mean ?? 0 }
  ];
  const failed = summary.tools_failed;
  return (
    <>
      <p className="mlc-muted">{trans.__('Since %1.', summary.since)}</p>
      <Group title={trans.__('Questions')} none={!asked}>
        <Bars bars={Object.entries(turns).map(([name, value]) => ({ name, value, words: number(value) }))} most={asked} />
        <p className="mlc-muted">{trans.__('%1 thumbs up, %2 thumbs down', summary.thumbs_up, summary.thumbs_down)}</p>
      </Group>
      <Group title={trans.__('Time of an answer')} none={!times.count}>
        <Bars bars={timed.map(one => ({ ...one, words: duration(one.value) }))} />
      </Group>
      <Group title={trans.__('Tools')} none={!summary.tool_calls}>
        <Bars
          most={summary.tool_calls}
          bars={[
            {
              name: trans.__('succeeded'),
              value: summary.tool_calls,
              bad: failed,
              words: trans.__('%1 of %2 (%3 %)', number(summary.tool_calls - failed), number(summary.tool_calls), percent(summary.tool_calls - failed, summary.tool_calls))
            }
          ]}
        />
      </Group>
      <Group title={trans.__('Tokens and cost')} none={!tokens}>
        <p>
          {trans.__('%1 read, %2 written, $%3', number(summary.prompt_tokens), number(summary.completion_tokens), summary.cost.toFixed(4))}
          {summary.unpriced_calls > 0 && ` (${trans._n('%1 call has no known price', '%1 calls have no known price', summary.unpriced_calls)})`}
        </p>
        <Bars bars={llms.map(row => spent(row, trans))} />
      </Group>
      <Group title={trans.__('Your days')} none={!usage.rows.length}>
        <Bars bars={[...usage.rows].sort((one, other) => one.key.localeCompare(other.key)).map(row => spent(row, trans))} />
      </Group>
    </>
  );
}

function spent(row: UsageRow, trans: Trans): Bar {
  const value = (row.prompt_tokens ?? 0) + (row.completion_tokens ?? 0);
  const priced = (row.unpriced_calls ?? 0) < (row.calls ?? 0);
  const words = trans._n('%1 token', '%1 tokens', value);
  return { name: row.key, value, words: priced ? `${words}, $${(row.cost ?? 0).toFixed(4)}` : words };
}

function Group({ title, none, children }: { title: string; none: boolean; children: React.ReactNode }): JSX.Element {
  const trans = useTrans();
  return (
    <section className="mlc-figures" aria-label={title}>
      <h3>{title}</h3>
      {none ? <p className="mlc-muted">{trans.__('None.')}</p> : children}
    </section>
  );
}

function Providers({ health }: { health: ProvidersHealth }): JSX.Element {
  const trans = useTrans();
  const words: { [status: string]: string } = {
    healthy: trans.__('healthy'),
    unhealthy: trans.__('does not answer well'),
    error: trans.__('fails'),
    no_key: trans.__('has no key'),
    unknown: trans.__('not known')
  };
  return (
    <Group title={trans.__('Providers')} none={!Object.keys(health.providers).length}>
      <ul className="mlc-provider-figures">
        {Object.entries(health.providers).map(([name, { status, error }]) => (
          <li key={name} data-status={status}>
            <span className="mlc-dot" aria-hidden="true" /> <b>{name}</b> {words[status] ?? status}
            {error && <small className="mlc-muted"> {error}</small>}
          </li>
        ))}
      </ul>
    </Group>
  );
}

function number(value: number): string {
  return value.toLocaleString();
}

function percent(part: number, whole: number): number {
  return Math.floor((100 * part) / whole);
}
