/** The turns of the shown conversation that run or wait for their turn, in order. */
import * as React from 'react';
import type { TurnId } from '../../protocol.gen';

export const LineContext = React.createContext<readonly TurnId[]>([]);
