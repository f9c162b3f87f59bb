// The widget as one ES module: the same chat, with preact in the place of React.
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const here = path => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: [here('../src/widget/index.tsx')],
  outfile: here('../../jupyter_mlchat/static/widget.js'),
  bundle: true,
  format: 'esm',
  minify: true,
  target: 'es2020',
  jsx: 'transform',
  legalComments: 'linked',
  loader: { '.css': 'text' },
  alias: {
    react: 'preact/compat',
    'react-dom': 'preact/compat',
    'react-dom/client': 'preact/compat/client'
  },
  logLevel: 'warning'
});
