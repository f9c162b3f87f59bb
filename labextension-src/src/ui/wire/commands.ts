/** Commands before they have an id. */
import type { Command } from '../../protocol.gen';

export type Draft = Command extends infer C ? (C extends Command ? Omit<C, 'id'> : never) : never;
