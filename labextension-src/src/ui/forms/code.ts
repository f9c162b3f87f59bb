/** Code of others, shown as what it is. */

/** Characters that are not seen, or that make those beside them stand elsewhere. */
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

export function plainly(code: string): { code: string; hidden: boolean } {
  const shown = code.replace(UNSEEN, one => `⟦U+${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟧`);
  return { code: shown, hidden: shown !== code };
}

/** As a block of markdown that nothing in the code can end. */
export function fenced(code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}python\n${code}\n${fence}`;
}
