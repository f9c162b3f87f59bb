/** The call that a form was answered for, with other values. */
import type { FormPart, ToolPart, Turn } from '../state/state';
import { asText, type Values } from './values';

export interface Call {
  tool: string;
  args: { [name: string]: unknown };
}

/** Null for a form that led to another tool, and where the call is not known. */
export function callOf(part: FormPart, turn: Turn): Call | null {
  const { spec } = part;
  const asked = turn.parts.find((other): other is ToolPart => other.kind === 'tool' && other.key === part.call);
  return asked && (spec.kind ?? 'fields') === 'fields' && !Object.keys(spec.args ?? {}).length
    ? { tool: asked.tool, args: asked.args }
    : null;
}

/** What was left as the form proposed it of a row that the call names is not said: it is the row's. */
export function changed(call: Call, part: FormPart, values: Values, start: string): Call {
  const { fields = [], rest = [], target = '', start: row } = part.spec;
  const shown = new Set([...fields, ...rest].map(field => field.name));
  const ofRow = new Map(call.args.row && !row ? fields.map(field => [field.name, asText(field.value)]) : []);
  const said = Object.entries(values).filter(([name, value]) => !ofRow.get(name) || ofRow.get(name) !== asText(value));
  const before = target ? call.args[target] : call.args;
  const kept = Object.entries(isObject(before) ? before : {}).filter(([name]) => !shown.has(name));
  const given = Object.fromEntries([...kept, ...said]);
  const args = target ? { ...call.args, [target]: given } : given;
  return { tool: call.tool, args: row ? { ...args, row: start || asText(row.value) } : args };
}

function isObject(value: unknown): value is { [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
