/** How each kind of part is drawn. A kind that is not here is drawn as its text twin. */
import * as React from 'react';
import { ApprovalCard } from '../forms/ApprovalCard';
import { useSettings } from '../settings';
import type { Draft } from '../wire/commands';
import { FormCard } from '../forms/FormCard';
import type { Host } from '../host';
import { Markdown } from '../text/Markdown';
import type { NoticePart, Part, PersonPart, TextPart, Turn } from '../state/state';
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
  person: Person
};

export function PartView(props: PartProps): JSX.Element | null {
  const View = (views as { [kind: string]: View<any> | undefined })[props.part.kind] ?? Twin;
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

function Twin({ part }: PartProps): JSX.Element {
  const { text, kind } = part as { text?: unknown; kind: string };
  return <p className="mlc-notice">{typeof text === 'string' ? text : `(${kind})`}</p>;
}
