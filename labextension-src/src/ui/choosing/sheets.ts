/** The pages of this room. */
import type { SheetSpec } from '../sheets/sheets';
import { CompareSheet, mayCompare } from './CompareSheet';
import { LlmSheet } from './LlmSheet';
import { PromptsSheet } from './PromptsSheet';
import { SettingsSheet } from './SettingsSheet';

export const CHOOSING: readonly SheetSpec[] = [
  { name: 'llm', title: trans => trans.__('Language model'), listed: () => true, View: LlmSheet },
  {
    name: 'settings',
    title: trans => trans.__('Choices of this conversation'),
    listed: chat => chat.state.current !== null,
    View: SettingsSheet
  },
  { name: 'prompts', title: trans => trans.__('Prompts'), listed: () => false, View: PromptsSheet },
  {
    name: 'compare',
    title: trans => trans.__('Compare two language models'),
    listed: mayCompare,
    View: CompareSheet
  }
];
