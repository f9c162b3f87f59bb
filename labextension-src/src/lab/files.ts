/** A new notebook file next to another. */
import { PathExt } from '@jupyterlab/coreutils';
import type { Contents } from '@jupyterlab/services';
import { Code, type FaultRecord } from '../protocol.gen';

/** Nothing that is there is written over. Rejects with a `FaultRecord`. */
export async function saveBeside(
  contents: Contents.IManager,
  notebook: string,
  name: string,
  text: string
): Promise<string> {
  const folder = PathExt.dirname(notebook);
  try {
    const path = await freePath(contents, folder, name);
    await contents.save(path, { type: 'notebook', format: 'json', content: JSON.parse(text) });
    return path;
  } catch (thrown) {
    const message = `It could not be saved in ${folder || 'the top folder'}: ${(thrown as Error).message}`;
    throw { code: Code.INTERNAL, message, hint: 'Export it instead.' } satisfies FaultRecord;
  }
}

async function freePath(contents: Contents.IManager, folder: string, name: string): Promise<string> {
  const { content } = await contents.get(folder, { content: true });
  const taken = new Set((content as { name: string }[]).map(file => file.name));
  const ending = PathExt.extname(name);
  let free = name;
  for (let number = 2; taken.has(free); number++) {
    free = `${name.slice(0, -ending.length)}-${number}${ending}`;
  }
  return PathExt.join(folder, free);
}
