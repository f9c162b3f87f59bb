/** A button under every error in a notebook: ask the chat about it. */
import type { IRenderMime, IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Panel, Widget } from '@lumino/widgets';
import type { Trans } from '../ui/trans';
import { ERROR } from './bringing';

const TRACEBACK = 'application/vnd.jupyter.stderr';
/** Before the plain traceback, which is what an error is drawn as otherwise. */
const RANK = 100;

/** The error as it is always drawn, with the button. */
class ExplainedError extends Panel implements IRenderMime.IRenderer {
  constructor(
    private readonly plain: IRenderMime.IRenderer,
    explain: (node: Node) => void,
    trans: Trans
  ) {
    super();
    this.button = document.createElement('button');
    this.button.type = 'button';
    this.button.className = 'mlc-explain';
    this.button.textContent = trans.__('Explain this error');
    this.button.addEventListener('click', () => explain(this.node));
    this.addWidget(plain);
    this.addWidget(new Widget({ node: this.button }));
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    return this.plain.renderModel(model);
  }

  protected override onAfterAttach(): void {
    // An error of a console, or a copy of the output elsewhere, belongs to no cell.
    this.button.hidden = !this.node.closest('.jp-NotebookPanel .jp-CodeCell');
  }

  private readonly button: HTMLButtonElement;
}

export function explainErrors(rendermime: IRenderMimeRegistry, explain: (node: Node) => void, trans: Trans): void {
  const plain = rendermime.getFactory(TRACEBACK);
  if (plain) {
    rendermime.addFactory(
      {
        safe: true,
        mimeTypes: [ERROR],
        createRenderer: options =>
          new ExplainedError(plain.createRenderer({ ...options, mimeType: TRACEBACK }), explain, trans)
      },
      RANK
    );
  }
}
