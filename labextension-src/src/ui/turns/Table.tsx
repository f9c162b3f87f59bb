/** Records of a result as a table: the first rows, and all of them when asked for. */
import * as React from 'react';
import { cellOf, type TableSpec } from './tables';
import { useTrans } from '../trans';

const FIRST = 8;
/** So many are drawn at most; a page that holds more of them can't be used. */
const MOST = 1000;

export function Table({ spec }: { spec: TableSpec }): JSX.Element {
  const trans = useTrans();
  const [all, setAll] = React.useState(false);
  const { name, columns, rows } = spec;
  const shown = rows.slice(0, all ? MOST : FIRST);
  const more = Math.min(rows.length, MOST) > shown.length;
  return (
    <div className="mlc-table">
      <div role="region" tabIndex={0} aria-label={name}>
        <table>
          <caption>{rows.length > shown.length ? trans.__('%1: %2 of %3', name, shown.length, rows.length) : name}</caption>
          {columns.length > 0 && (
            <thead>
              <tr>
                {columns.map((column, at) => (
                  <th key={at} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
          )}
          <tbody>
            {shown.map((row, index) => (
              <tr key={index}>
                {row.map((value, at) =>
                  !columns.length && at === 0 ? (
                    <th key={at} scope="row">
                      {cellOf(value)}
                    </th>
                  ) : (
                    <Cell key={at} value={value} />
                  )
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more && (
        <button type="button" className="mlc-mini" onClick={() => setAll(true)}>
          {trans.__('Show all %1 rows', rows.length)}
        </button>
      )}
    </div>
  );
}

function Cell({ value }: { value: unknown }): JSX.Element {
  const said = cellOf(value);
  const whole = typeof value === 'number' ? String(value) : said;
  return (
    <td data-number={typeof value === 'number'} title={whole === said ? undefined : whole}>
      {said}
    </td>
  );
}
