/** What a tool has found, as people read it; the JSON is one click away. */
import * as React from 'react';
import type { FaultRecord, Issue, ToolResult } from '../../protocol.gen';
import { codeBar } from '../text/codebars';
import { json } from './brief';
import { FaultLine } from './FaultLine';
import type { Host } from '../host';
import { Table } from './Table';
import { readable } from './tables';
import { useTrans } from '../trans';
import { Words } from '../text/words';

export function Result({ result, host }: { result: ToolResult; host: Host }): JSX.Element {
  const trans = useTrans();
  const fault: Partial<FaultRecord> | null | undefined = result.fault;
  const data = result.local ?? result.data ?? {};
  const said = [...(result.issues ?? []).map(sentence), ...(result.warnings ?? [])];
  const evidence = result.evidence ?? [];
  return (
    <>
      <dt>{trans.__('Result')}</dt>
      <dd>
        {fault && <FaultLine fault={fault} />}
        {Object.keys(data).length > 0 && <Data data={data} />}
        {said.map((line, index) => (
          <p key={index}>
            <Words text={line} />
          </p>
        ))}
        {result.truncated && (
          <p className="mlc-muted">{trans.__('%1 of %2 are shown.', result.truncated.shown, result.truncated.total)}</p>
        )}
      </dd>
      {evidence.length > 0 && (
        <>
          <dt>{trans.__('From')}</dt>
          <dd>
            <Words text={evidence.map(one => one.text).join(', ')} />
          </dd>
        </>
      )}
      {result.code && (
        <>
          <dt>{trans.__('As code')}</dt>
          <dd>
            <Code code={result.code} host={host} />
          </dd>
        </>
      )}
    </>
  );
}

function Data({ data }: { data: { [name: string]: unknown } }): JSX.Element {
  const trans = useTrans();
  const { facts, tables } = React.useMemo(() => readable(data), [data]);
  return (
    <>
      {facts.length > 0 && (
        <ul className="mlc-facts">
          {facts.map(([name, value], index) => (
            <li key={index}>
              <span className="mlc-muted">{name}</span> {value}
            </li>
          ))}
        </ul>
      )}
      {tables.map((spec, index) => (
        <Table key={index} spec={spec} />
      ))}
      <details className="mlc-raw">
        <summary>{trans.__('Raw JSON')}</summary>
        <pre tabIndex={0}>{json(data)}</pre>
      </details>
    </>
  );
}

/** A block of code with its buttons. */
export function Code({ code, host }: { code: string; host: Host }): JSX.Element {
  const place = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => place.current?.replaceChildren(codeBar(code, host)), [code, host]);
  return (
    <>
      <pre tabIndex={0}>{code}</pre>
      <div ref={place} />
    </>
  );
}

function sentence(issue: Issue): string {
  return [issue.message, issue.suggestion].filter(Boolean).join(' ');
}
