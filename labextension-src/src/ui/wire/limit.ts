/** How long a message may be. */
import { MAX_COMMAND_BYTES } from '../../protocol.gen';

/** Room for what goes along with the text: ids, the notebook's path, references. */
const ENVELOPE_BYTES = 8192;
export const MAX_TEXT_BYTES = MAX_COMMAND_BYTES - ENVELOPE_BYTES;

/** Empty when the text can be sent. The size counts as JSON in UTF-8, as it travels. */
export function problemOf(text: string): string {
  if (text.length * 6 <= MAX_TEXT_BYTES) {
    return '';
  }
  const bytes = text.length > MAX_TEXT_BYTES ? text.length : new TextEncoder().encode(JSON.stringify(text)).length;
  if (bytes <= MAX_TEXT_BYTES) {
    return '';
  }
  return `This message is too large: ${megabytes(bytes)}, and at most ${megabytes(MAX_TEXT_BYTES)} can be sent. \
Shorten it, or save it as a file and read that in the notebook.`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
