/** One call of a tool: its name, arguments, result and time. */
import * as React from 'react';
import type { FaultRecord, Issue, ToolResult } from '../../protocol.gen';
import { codeBar } from '../text/codebars';
import { FaultLine } from './FaultLine';
import { Figure } from './Figure';
import type { Host } from '../host';
import type { PartProps } from './parts';
import { hasEnded, type ToolPart, type Turn } from '../state/state';
import { duration, Words } from '../text/words';

const LONGEST = 6000;

type Status = 'running' | 'ok' | 'error';

function statusOf(part: ToolPart, turn: Turn): Status {
  if (part.result) {
    return part.result.ok ? 'ok' : 'error';
  }
  return hasEnded(turn) ? 'error' : 'running';
}

export function ToolCard({ part, turn, host }: PartProps<ToolPart>): JSX.Element {
  const status = statusOf(part, turn);
  const { result } = part;
  return (
    <>
      <details className="mlc-step" data-status={status} data-call={part.key}>
      <summary>
        <span className="mlc-dot" aria-hidden="true" />
        <span className="mlc-tool">{part.tool}</span>
        <code className="mlc-args">{brief(part.args)}</code>
        <span className="mlc-time">{timeOf(part, turn, status)}</span>
      </summary>
      <dl>
        <dt>Arguments</dt>
        <dd>
          <pre tabIndex={0}>{json(part.args)}</pre>
        </dd>
        {result && <Result result={result} host={host} />}
      </dl>
      </details>
      {result?.display_ref && (
        <Figure reference={result.display_ref} label={`Figure of ${part.tool}: ${brief(part.args)}`} host={host} />
      )}
    </>
  );
}

function timeOf(part: ToolPart, turn: Turn, status: Status): string {
  const { result, progress } = part;
  if (result) {
    return duration(result.elapsed_ms ?? 0);
  }
  if (status === 'error') {
    return 'not finished';
  }
  if (turn.state === 'waiting') {
    return 'waits';
  }
  const share = progress?.total ? `${Math.floor((100 * (progress.done ?? 0)) / progress.total)} %` : '';
  return [progress?.text, share].filter(Boolean).join(' ') || '…';
}

function Result({ result, host }: { result: ToolResult; host: Host }): JSX.Element {
  const fault: Partial<FaultRecord> | null | undefined = result.fault;
  const data = result.local ?? result.data ?? {};
  return (
    <>
      <dt>Result</dt>
      <dd>
        {fault && <FaultLine fault={fault} />}
        {Object.keys(data).length > 0 && <pre tabIndex={0}>{json(data)}</pre>}
        {(result.issues ?? []).map((issue, index) => (
          <p key={index}>
            <Words text={sentence(issue)} />
          </p>
        ))}
        {(result.warnings ?? []).map((warning, index) => (
          <p key={index}>
            <Words text={warning} />
          </p>
        ))}
        {result.truncated && (
          <p className="mlc-muted">
            {result.truncated.shown} of {result.truncated.total} are shown.
          </p>
        )}
      </dd>
      {(result.evidence ?? []).length > 0 && (
        <>
          <dt>From</dt>
          <dd>
            <Words text={(result.evidence ?? []).map(one => one.text).join(', ')} />
          </dd>
        </>
      )}
      {result.code && (
        <>
          <dt>As code</dt>
          <dd>
            <pre tabIndex={0}>{result.code}</pre>
            <CodeBar code={result.code} host={host} />
          </dd>
        </>
      )}
    </>
  );
}

function CodeBar({ code, host }: { code: string; host: Host }): JSX.Element {
  const place = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => place.current?.replaceChildren(codeBar(code, host)), [code, host]);
  return <div ref={place} />;
}

function sentence(issue: Issue): string {
  return [issue.message, issue.suggestion].filter(Boolean).join(' ');
}

function brief(args: { [name: string]: unknown }): string {
  return Object.entries(args)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')
    .slice(0, 200);
}

function json(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}\n… ${text.length - LONGEST} more characters` : text;
}
