/** Switches browser notifications on and off. */
import * as React from 'react';
import { useTrans } from '../trans';
import { want, wanted } from './notify';

export function NotifySwitch(): JSX.Element {
  const trans = useTrans();
  const [on, setOn] = React.useState(wanted);
  const [why, setWhy] = React.useState<'' | 'unable' | 'denied'>('');
  const change = (wish: boolean): void =>
    void want(wish).then(refusal => {
      setWhy(refusal);
      setOn(wanted());
    });
  return (
    <div className="mlc-notify">
      <label className="mlc-switch">
        <input type="checkbox" role="switch" checked={on} onChange={event => change(event.currentTarget.checked)} />
        {trans.__('Notify me when an answer or a long cell ends while I look elsewhere')}
      </label>
      {why && (
        <p className="mlc-error" role="alert">
          {why === 'denied'
            ? trans.__('The browser does not allow notifications of this site. Allow them in its settings.')
            : trans.__('This browser can show no notifications.')}
        </p>
      )}
    </div>
  );
}
