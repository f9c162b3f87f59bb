/** Ids of commands: random, and made without `randomUUID`, which pages over plain http do not have. */
import type { CommandId } from '../../protocol.gen';

export function newId(): CommandId {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
