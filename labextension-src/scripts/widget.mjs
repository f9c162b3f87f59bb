// The widget as one ES module: the same chat, with preact in the place of React.
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const here = path => fileURLToPath(new URL(path, import.meta.url));

/** A style sheet is one text in the module, with all that it imports. */
const styles = {
  name: 'styles',
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { outputFiles } = await build({ entryPoints: [path], bundle: true, minify: true, write: false });
      return { contents: outputFiles[0].text, loader: 'text' };
    });
  }
};

await build({
  entryPoints: [here('../src/widget/index.tsx')],
  outfile: here('../../jupyter_mlchat/static/widget.js'),
  bundle: true,
  format: 'esm',
  minify: true,
  target: 'es2020',
  jsx: 'transform',
  legalComments: 'linked',
  plugins: [styles],
  alias: {
    react: 'preact/compat',
    'react-dom': 'preact/compat',
    'react-dom/client': 'preact/compat/client'
  },
  logLevel: 'warning'
});

// Temml, for the widgets that meet a formula: their kernel sends it.
await build({
  stdin: { contents: "export { default } from 'temml';", resolveDir: here('..') },
  outfile: here('../../jupyter_mlchat/static/mathematics.js'),
  bundle: true,
  format: 'esm',
  minify: true,
  target: 'es2020',
  legalComments: 'linked',
  logLevel: 'warning'
});
