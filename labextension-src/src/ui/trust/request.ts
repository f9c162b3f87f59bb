/** What a recorded request holds, for people: its messages, what else it has, how large it is, what was kept from it. */
import type { SentRequest, ToolResult } from '../../protocol.gen';
import { pictureAt } from '../turns/picture';

const BYTES_OF_A_TOKEN = 4;
/** As the service counts them. */
const TOKENS_OF_A_PICTURE = 1500;

export interface Said {
  role: string;
  /** Of a tool's message, which one it was. */
  tool: string;
  text: string;
  /** Addresses of pictures among the words, "" for one that can't be shown here. */
  pictures: readonly string[];
  /** A call that the llm made, as `name(arguments)`. */
  calls: readonly string[];
}

type Fields = { readonly [name: string]: unknown };

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export function messagesOf(body: Fields): Said[] {
  const tools = new Map<unknown, string>();
  return listOf(body.messages).filter(isFields).map(message => {
    const called = listOf(message.tool_calls).filter(isFields);
    const calls = called.map(call => {
      const made = isFields(call.function) ? call.function : {};
      tools.set(call.id, String(made.name));
      return `${made.name}(${made.arguments ?? ''})`;
    });
    const tool = tools.get(message.tool_call_id) ?? '';
    return { role: String(message.role), tool, text: readable(textOf(message.content)), pictures: picturesOf(message.content), calls };
  });
}

function textOf(content: unknown): string {
  if (content === null || content === undefined || typeof content === 'string') {
    return content ?? '';
  }
  const parts = listOf(content).filter(part => pictureIn(part) === null);
  return parts.length
    ? parts.map(part => (isFields(part) && typeof part.text === 'string' ? part.text : JSON.stringify(part))).join('\n')
    : JSON.stringify(content);
}

const picturesOf = (content: unknown): string[] => listOf(content).flatMap(part => pictureIn(part) ?? []);

/** The address of a part that is a picture, null for another part. */
function pictureIn(part: unknown): string | null {
  const url = isFields(part) && isFields(part.image_url) ? part.image_url.url : undefined;
  if (typeof url !== 'string') {
    return null;
  }
  return pictureAt(url) ? url : '';
}

/** How many bytes a picture has, of its address. */
export function bytesIn(address: string): number {
  const data = address.slice(address.indexOf(',') + 1).replace(/=+$/, '');
  return Math.floor((data.length * 3) / 4);
}

/** About how many tokens a request has: a picture counts by what it shows, not by its bytes. */
export function tokensOf(request: SentRequest): number {
  const pictures = messagesOf(request.body).flatMap(one => one.pictures);
  const words = pictures.reduce((left, address) => left - address.length, bytesOf(request));
  return Math.ceil(words / BYTES_OF_A_TOKEN) + pictures.length * TOKENS_OF_A_PICTURE;
}

/** JSON with its lines; all else as it is. */
export function readable(text: string): string {
  if (!/^\s*[[{]/.test(text)) {
    return text;
  }
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** All but the messages, as `name: value`; tools by their names. */
export function restOf(body: Fields): string[] {
  const { messages: _, tools, ...rest } = body;
  const names = listOf(tools).filter(isFields).map(tool => String((isFields(tool.function) ? tool.function : tool).name));
  const told = names.length ? [`tools: ${names.join(', ')}`] : [];
  return [...told, ...Object.entries(rest).map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)];
}

export function bytesOf({ body }: SentRequest): number {
  return new TextEncoder().encode(JSON.stringify(body)).length;
}

/** How many messages a request begins with that the one before it had too. */
export function sameStart(before: readonly Said[], now: readonly Said[]): number {
  const same = (at: number): boolean => JSON.stringify(before[at]) === JSON.stringify(now[at]);
  let count = 0;
  while (count < Math.min(before.length, now.length) && same(count)) {
    count += 1;
  }
  return count;
}

export type Why = 'level' | 'personal' | 'hidden';

const MARKS: readonly [Why, RegExp][] = [
  ['level', /\(held back\)/g],
  ['personal', /\[(?:email|iban|card|ssn|ip|mac|phone|person|location|[A-Z]+(?:_[A-Z]+)*)\](?!\()/g],
  ['hidden', /\(hidden\)|\(The person has hidden what this was about\.\)/g]
];

/** How often something was replaced in what tools returned, by why. */
export function replaced(said: readonly Said[]): { why: Why; count: number }[] {
  const text = said.filter(one => one.role === 'tool' || one.role === 'assistant').map(one => one.text).join('\n');
  return MARKS.map(([why, mark]) => ({ why, count: text.match(mark)?.length ?? 0 })).filter(one => one.count > 0);
}

/** Where a result has more, or more exactly, than what may leave: paths such as `features[].range`. */
export function keptHere({ data, local }: ToolResult): string[] {
  const found = new Set<string>();
  const look = (mine: unknown, theirs: unknown, path: string): void => {
    if (Array.isArray(mine) && Array.isArray(theirs)) {
      mine.forEach((item, at) => look(item, theirs[at], `${path}[]`));
    } else if (isFields(mine) && isFields(theirs)) {
      Object.entries(mine).forEach(([name, item]) => look(item, theirs[name], path ? `${path}.${name}` : name));
    } else if (JSON.stringify(mine) !== JSON.stringify(theirs)) {
      found.add(path);
    }
  };
  if (local) {
    look(local, data ?? {}, '');
  }
  return [...found];
}
