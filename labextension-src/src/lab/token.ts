/** What another extension of JupyterLab asks for to draw kinds of parts that the chat does not know. */
import { Token } from '@lumino/coreutils';
import type { PartViews } from '../ui/turns/views';

export type { OtherProps, OtherView } from '../ui/turns/views';
export type IMLChatParts = PartViews;

export const IMLChatParts = new Token<IMLChatParts>(
  'jupyter-mlchat:IMLChatParts',
  'Views for further kinds of parts of a chat turn: `register(kind, component)`.'
);
