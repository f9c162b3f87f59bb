/** What two language models made of one question: a row for each measure, or in little room a block. */
import * as React from 'react';
import type { Compared, Comparison } from '../../protocol.gen';
import type { Host } from '../host';
import { Markdown } from '../text/Markdown';
import { duration } from '../text/words';
import { FaultLine } from '../turns/FaultLine';
import { type Trans, useTrans } from '../trans';
import { dollars } from './amounts';

interface Props {
  comparison: Comparison;
  host: Host;
  inUse: string;
  /** Absent where the llm can't be changed. */
  use?: (llm: string) => void;
}

export function ComparisonTable({ comparison, host, inUse, use }: Props): JSX.Element {
  const trans = useTrans();
  const { answers } = comparison;
  // Laid out as blocks, a table says no more by itself what it is.
  return (
    <table className="mlc-compared" role="table" aria-label={trans.__('Comparison: %1', comparison.text)}>
      <thead role="rowgroup">
        <tr role="row">
          <td role="cell" />
          {answers.map(one => (
            <th key={one.llm} role="columnheader" scope="col">
              {one.llm}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        <tr role="row">
          <th role="rowheader" scope="row">
            {trans.__('Answer')}
          </th>
          {answers.map(one => (
            <td key={one.llm} role="cell" data-llm={one.llm}>
              <Answer one={one} host={host} />
            </td>
          ))}
        </tr>
        {rowsOf(answers, trans).map(([name, values]) => (
          <tr key={name} role="row">
            <th role="rowheader" scope="row">
              {name}
            </th>
            {answers.map((one, at) => (
              <td key={one.llm} role="cell" data-llm={one.llm}>
                {values[at]}
              </td>
            ))}
          </tr>
        ))}
        {use && (
          <tr role="row">
            <th role="rowheader" scope="row">
              {trans.__('From now on')}
            </th>
            {answers.map(one => (
              <td key={one.llm} role="cell" data-llm={one.llm}>
                <button type="button" className="mlc-mini" disabled={one.llm === inUse} onClick={() => use(one.llm)}>
                  {one.llm === inUse ? trans.__('In use here') : trans.__('Use here')}
                </button>
              </td>
            ))}
          </tr>
        )}
      </tbody>
    </table>
  );
}

function Answer({ one, host }: { one: Compared; host: Host }): JSX.Element {
  const trans = useTrans();
  return (
    <>
      {one.text && <Markdown text={one.text} final={true} host={host} />}
      {one.asked && <p>{trans.__('It asked back: %1', one.asked)}</p>}
      {one.fault && <FaultLine fault={one.fault} />}
      {one.notices?.map(notice => (
        <p key={notice} className="mlc-muted">
          {notice}
        </p>
      ))}
    </>
  );
}

/** The measures, each with a word for each answer. */
export function rowsOf(answers: readonly Compared[], trans: Trans): [string, string[]][] {
  const said = (say: (one: Compared) => string): string[] => answers.map(say);
  const stepped = answers.some(one => one.answered_by && one.answered_by !== one.llm);
  return [
    ...(stepped ? ([[trans.__('Answered by'), said(one => one.answered_by)]] as [string, string[]][]) : []),
    [trans.__('Time'), said(one => duration(one.elapsed_ms ?? 0))],
    [
      trans.__('Tokens'),
      said(one => trans.__('%1 in, %2 out', one.prompt_tokens ?? 0, one.completion_tokens ?? 0))
    ],
    [trans.__('Cost'), said(one => dollars(one.cost) ?? trans.__('not known'))],
    [trans.__('Tool calls'), said(one => toolsOf(one, trans))]
  ];
}

function toolsOf({ tool_calls: calls = [] }: Compared, trans: Trans): string {
  const words = calls.map(call => `${call.tool} (${call.ok ? duration(call.elapsed_ms) : trans.__('failed')})`);
  return words.join(', ') || trans.__('none');
}
