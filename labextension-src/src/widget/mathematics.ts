/** Formulas by Temml as MathML. It is most of what a widget could weigh: its kernel sends it with the first formula. */
import { clean } from './markdown';
import { type Model, partOf } from './model';

type Typesetter = { renderToString(tex: string, options: { displayMode: boolean; throwOnError: boolean }): string };

export class Mathematics {
  constructor(private readonly model: Model) {}

  /** Typeset the formulas in what was drawn, at once or as soon as that can be done. */
  typeset(drawn: HTMLElement): void {
    const found = drawn.querySelectorAll<HTMLElement>('[data-tex]');
    if (!found.length) {
      return;
    }
    if (this.typesetter) {
      this.draw(found);
      return;
    }
    this.waiting.push(...found);
    this.loading ??= this.load();
  }

  private async load(): Promise<void> {
    try {
      const source = await partOf(this.model, 'mathematics');
      const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
      this.typesetter = ((await import(address)) as { default: Typesetter }).default;
      URL.revokeObjectURL(address);
      this.draw(this.waiting.splice(0));
    } catch {
      // They stay as they were written; the next one tries again.
      this.loading = null;
    }
  }

  private draw(formulas: Iterable<HTMLElement>): void {
    for (const place of formulas) {
      const options = { displayMode: place.dataset.tex === 'block', throwOnError: false };
      place.innerHTML = clean(this.typesetter!.renderToString(place.textContent ?? '', options));
      delete place.dataset.tex;
    }
  }

  private typesetter: Typesetter | null = null;
  private loading: Promise<void> | null = null;
  private readonly waiting: HTMLElement[] = [];
}
