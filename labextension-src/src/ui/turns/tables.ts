/** A result as people read it: its single values, and what is a table in it. */

export interface TableSpec {
  name: string;
  columns: readonly string[];
  rows: readonly (readonly unknown[])[];
}

export interface Readable {
  facts: readonly (readonly [name: string, value: string])[];
  tables: readonly TableSpec[];
}

type Dict = { readonly [name: string]: unknown };

const LONGEST = 120;
const DIGITS = 6;

export function readable(data: Dict, prefix = ''): Readable {
  const parts = Object.entries(data).map(([key, value]) => partOf(prefix + spoken(key), value));
  return { facts: parts.flatMap(part => part.facts), tables: parts.flatMap(part => part.tables) };
}

function partOf(name: string, value: unknown): Readable {
  if (isRecords(value)) {
    return { facts: [], tables: [tableOf(name, value)] };
  }
  if (isDict(value) && Object.keys(value).length) {
    const inner = Object.values(value);
    if (inner.every(isDict)) {
      const records = Object.entries(value).map(([key, one]) => ({ '': key, ...(one as Dict) }));
      return { facts: [], tables: [tableOf(name, records)] };
    }
    if (!inner.some(one => isDict(one) || isRecords(one))) {
      return { facts: [], tables: [{ name, columns: [], rows: Object.entries(value) }] };
    }
    return readable(value, `${name}, `);
  }
  const said = cellOf(value);
  return { facts: said ? [[name, said]] : [], tables: [] };
}

/** Records need not have the same fields; what they hold themselves becomes columns too. */
function tableOf(name: string, records: readonly Dict[]): TableSpec {
  const flat = records.map(record =>
    Object.fromEntries(
      Object.entries(record).flatMap(([key, value]): [string, unknown][] =>
        isDict(value) && Object.values(value).every(isScalar)
          ? Object.entries(value).map(([inner, one]) => [`${spoken(key)} ${inner}`, one])
          : [[spoken(key), value]]
      )
    )
  );
  const all = new Set(flat.flatMap(record => Object.keys(record)));
  const columns = [...all].filter(column => flat.some(record => cellOf(record[column]) !== ''));
  return { name, columns, rows: flat.map(record => columns.map(column => record[column])) };
}

/** One value in few words; empty for none. */
export function cellOf(value: unknown): string {
  if (value === null || value === undefined) {
    return '';
  }
  if (typeof value === 'number') {
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(DIGITS)));
  }
  if (Array.isArray(value) && value.every(isScalar)) {
    return short(value.map(cellOf).join(', '));
  }
  return short(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function short(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** Names of fields; those of columns and classes are told as they are. */
function spoken(key: string): string {
  return /^[a-z]+(_[a-z]+)+$/.test(key) ? key.replace(/_/g, ' ') : key;
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function isDict(value: unknown): value is Dict {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRecords(value: unknown): value is readonly Dict[] {
  return Array.isArray(value) && value.length > 0 && value.every(isDict);
}
