/** Words of the panel in the language of the page. JupyterLab's own translator fits; English is what there is without one. */
import * as React from 'react';

export interface Trans {
  /** `%1`, `%2` … stand for the arguments. */
  __(words: string, ...args: unknown[]): string;
  /** One of two, by a number, which is `%1`. */
  _n(one: string, many: string, count: number, ...args: unknown[]): string;
}

export const english: Trans = {
  __: (words, ...args) => words.replace(/%(\d+)/g, (whole, at) => (Number(at) <= args.length ? String(args[at - 1]) : whole)),
  _n: (one, many, count, ...args) => english.__(count === 1 ? one : many, count, ...args)
};

export const TransContext = React.createContext<Trans>(english);

export const useTrans = (): Trans => React.useContext(TransContext);
