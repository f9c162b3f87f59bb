/** The rows that an approval would show, on this screen alone. */
import * as React from 'react';
import type { FaultRecord, ToolResult } from '../../protocol.gen';
import { useApp } from '../app';
import { type ApprovalPart, hasEnded, type Turn } from '../state/state';
import { useTrans } from '../trans';
import { FaultLine } from '../turns/FaultLine';
import { asFault } from '../wire/faults';

/** What the service calls showing a figure. */
const SHOW = 'show_figures';

type Row = { readonly [column: string]: unknown };

/** The lists of rows in a result, by name. */
export function rowsIn(result: ToolResult): { name: string; columns: string[]; rows: readonly Row[] }[] {
  return Object.entries(result.local ?? result.data ?? {}).flatMap(([name, value]) => {
    const isRows = Array.isArray(value) && value.length > 0 && value.every(row => typeof row === 'object' && row !== null);
    const rows = (isRows ? value : []) as Row[];
    const flat = rows.map(flattened);
    const columns = [...new Set(flat.flatMap(row => Object.keys(row)))];
    return rows.length ? [{ name, columns, rows: flat }] : [];
  });
}

/** Values that stand one level below, beside the others. */
function flattened(row: Row): Row {
  const deep = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);
  return Object.assign({}, ...Object.entries(row).map(([name, value]) => (deep(value) ? value : { [name]: value })));
}

export function Preview({ part, turn }: { part: ApprovalPart; turn: Turn }): JSX.Element | null {
  const { ask } = useApp();
  const trans = useTrans();
  const [shown, setShown] = React.useState<ToolResult | null>(null);
  const [fault, setFault] = React.useState<Partial<FaultRecord> | null>(null);
  const [waits, setWaits] = React.useState(false);
  // A figure stands under its question.
  if (part.asked.effect !== 'disclose' || part.asked.tool === SHOW || part.closed || hasEnded(turn)) {
    return null;
  }
  const look = (): void => {
    setWaits(true);
    setFault(null);
    ask({ type: 'approval.preview', turn: turn.id, approval: part.asked.approval }, 'preview')
      .then(
        ({ result }) => (result.ok ? setShown(result) : setFault(result.fault ?? {})),
        thrown => setFault(asFault(thrown))
      )
      .finally(() => setWaits(false));
  };
  return (
    <div className="mlc-preview" role="group" aria-label={trans.__('What would be shown')}>
      {!shown && (
        <button type="button" className="mlc-mini" disabled={waits} onClick={look}>
          {waits ? trans.__('Reading…') : trans.__('See these rows first')}
        </button>
      )}
      <small className="mlc-muted">{trans.__('On your screen only: nothing of it is sent or stored.')}</small>
      {fault && <FaultLine fault={fault} />}
      {shown && rowsIn(shown).map(table => <Rows key={table.name} {...table} total={shown.truncated?.total} />)}
      {shown && !rowsIn(shown).length && <p>{trans.__('No row would be shown.')}</p>}
    </div>
  );
}

function Rows({ columns, rows, total }: { columns: string[]; rows: readonly Row[]; total?: number }): JSX.Element {
  const trans = useTrans();
  return (
    <>
      <p>
        {total !== undefined
          ? trans.__('%1 of %2 rows, %3 columns:', rows.length, total, columns.length)
          : trans.__('%1 rows, %2 columns:', rows.length, columns.length)}
      </p>
      <div className="mlc-preview-rows" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {columns.map(column => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <tr key={at}>
                {columns.map(column => (
                  <td key={column}>{cell(row[column])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function cell(value: unknown): string {
  return value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}
