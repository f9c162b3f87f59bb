/** Which fields of a result a number or a name in an answer may be. Pure. */

export interface Source {
  /** As in code: `models[0].n_features`. */
  field: string;
  /** `value` is what stands there, `count` how many entries it has, `share` a part of one that was said in percent. */
  how: 'value' | 'count' | 'share' | 'name';
  value: string;
}

const MOST = 3;
const RANK = { value: 0, name: 1, count: 2, share: 3 };

/** The likeliest first, at most three; none when it was worked out from several. */
export function sourcesOf(data: unknown, text: string): Source[] {
  const found: Source[] = [];
  const said = numberIn(text);
  const walk = (value: unknown, field: string): void => {
    if (typeof value === 'number' && said) {
      const how = equal(value, said) ? 'value' : equal(value * 100, said) ? 'share' : null;
      if (how) {
        found.push({ field, how, value: String(value) });
      }
    } else if (typeof value === 'string' || typeof value === 'boolean') {
      if (String(value) === text) {
        found.push({ field, how: 'value', value: text });
      }
    } else if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value);
      if (said && equal(entries.length, said) && field) {
        found.push({ field, how: 'count', value: String(entries.length) });
      }
      for (const [key, inner] of entries) {
        const at = Array.isArray(value) ? `${field}[${key}]` : joined(field, key);
        if (!Array.isArray(value) && key === text) {
          found.push({ field: at, how: 'name', value: text });
        }
        walk(inner, at);
      }
    }
  };
  walk(data, '');
  return found.sort((a, b) => RANK[a.how] - RANK[b.how]).slice(0, MOST);
}

function joined(field: string, key: string): string {
  const plain = /^[\p{L}_][\p{L}\p{N}_]*$/u.test(key);
  return plain ? [field, key].filter(Boolean).join('.') : `${field}[${JSON.stringify(key)}]`;
}

interface Said {
  value: number;
  decimals: number;
}

function numberIn(text: string): Said | null {
  const match = /^[^\d.+\-−]*([+\-−]?)((?:\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d+))?(?:e[+-]?\d+)?)\s*\D*$/i.exec(text.trim());
  const value = match?.[2] ? Number(match[2].replace(/,/g, '')) : NaN;
  const exponent = Number(/e([+-]?\d+)$/i.exec(match?.[2] ?? '')?.[1] ?? 0);
  return Number.isNaN(value) ? null : { value: match?.[1] ? sign(match[1]) * value : value, decimals: (match?.[3]?.length ?? 0) - exponent };
}

function sign(mark: string): number {
  return mark === '+' ? 1 : -1;
}

/** Does `value`, rounded as it was said, read like that? */
function equal(value: number, { value: said, decimals }: Said): boolean {
  return Math.abs(value - said) <= 0.5 * 10 ** -decimals * (1 + 1e-9);
}
