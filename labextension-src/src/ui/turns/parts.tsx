/** How each kind of part is drawn. Others register their own; what nobody draws is told as its text. */
import * as React from 'react';
import { useApp } from '../app';
import { ApprovalCard } from '../forms/ApprovalCard';
import { useSettings } from '../settings';
import type { Draft } from '../wire/commands';
import { FormCard } from '../forms/FormCard';
import type { Host } from '../host';
import { Markdown } from '../text/Markdown';
import type { NoticePart, OtherPart, Part, PersonPart, TextPart, Turn } from '../state/state';
import { ToolCard } from './ToolCard';
import { type Pressed, pressedIn, Why } from './Why';
import { Words } from '../text/words';

export interface PartProps<P extends Part = Part> {
  part: P;
  turn: Turn;
  host: Host;
  send: (draft: Draft) => void;
}

type PartOf<K> = Part extends infer P ? (P extends Part ? (K extends P['kind'] ? P : never) : never) : never;
type View<P extends Part> = (props: PartProps<P>) => JSX.Element | null;

const views: { [K in Part['kind']]: View<PartOf<K>> } = {
  text: Answer,
  thinking: Thinking,
  tool: ToolCard,
  form: FormCard,
  approval: ApprovalCard,
  notice: Notice,
  person: Person,
  other: Other
};

/** Kinds that nobody else may draw: those of parts, and what stands within one: the choice of a form, the table or figure
 *  of a tool's result, the progress of its call. */
export const OWN_KINDS: ReadonlySet<string> = new Set([...Object.keys(views), 'choice', 'table', 'figure', 'progress']);

export function PartView(props: PartProps): JSX.Element | null {
  const View = views[props.part.kind] as View<any>;
  return <View {...props} />;
}

function Answer({ part, turn, host }: PartProps<TextPart>): JSX.Element {
  // After a lost connection an ended turn may lack its last snapshot for a moment.
  const final = part.final || turn.state !== 'active';
  const [pressed, setPressed] = React.useState<Pressed | null>(null);
  return (
    <div className="mlc-answer" onClick={event => setPressed(pressedIn(event) ?? pressed)}>
      <Markdown text={part.text} marks={part.marks} final={final} host={host} />
      {pressed && <Why pressed={pressed} close={() => setPressed(null)} />}
    </div>
  );
}

function Thinking({ part }: PartProps<TextPart>): JSX.Element | null {
  const { thinking } = useSettings();
  return thinking === 'hidden' ? null : (
    <details className="mlc-thinking" open={thinking === 'open'}>
      <summary>{part.final ? 'Thought' : 'Thinking…'}</summary>
      <div className="mlc-plain">{part.text}</div>
    </details>
  );
}

function Person({ part, host }: PartProps<PersonPart>): JSX.Element {
  return (
    <section className="mlc-by-person" aria-label={part.author || 'A person'}>
      <small>{part.author || 'A person'}</small>
      <Markdown text={part.text} final host={host} />
    </section>
  );
}

function Notice({ part }: PartProps<NoticePart>): JSX.Element {
  return (
    <p className="mlc-notice">
      <Words text={part.text} />
    </p>
  );
}

function Other({ part, turn }: PartProps<OtherPart>): JSX.Element {
  const registered = useApp().host.views;
  const [, again] = React.useState(0);
  // An extension may come later than what it draws.
  React.useEffect(() => registered?.onChange(() => again(count => count + 1)), [registered]);
  const View = registered?.find(part.type);
  const text = (
    <p className="mlc-notice">
      <Words text={part.text} />
    </p>
  );
  return View ? (
    <Guard key={part.key} otherwise={text}>
      <View part={part} turn={turn} />
    </Guard>
  ) : (
    text
  );
}

/** A view of somebody else that breaks must not take the chat with it. */
class Guard extends React.Component<{ otherwise: JSX.Element; children: React.ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): React.ReactNode {
    return this.state.broken ? this.props.otherwise : this.props.children;
  }
}
