/** The arguments of a call in one line, and anything as JSON to read. */
const LONGEST = 6000;
const LINE = 200;

export function brief(args: { readonly [name: string]: unknown }): string {
  return Object.entries(args)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')
    .slice(0, LINE);
}

export function json(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}\n… ${text.length - LONGEST} more characters` : text;
}
