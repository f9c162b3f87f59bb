// The tests of tests/, bundled by esbuild and run by node itself.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const tests = fileURLToPath(new URL('../tests', import.meta.url));
const names = readdirSync(tests).filter(name => name.endsWith('.test.ts'));
const folder = mkdtempSync(join(tmpdir(), 'mlchat-tests-'));
try {
  await build({
    entryPoints: names.map(name => join(tests, name)),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // The other one wants to require what a module can't.
    alias: { 'react-dom/server': 'react-dom/server.browser' },
    sourcemap: 'inline',
    define: { GOLDEN: JSON.stringify(fileURLToPath(new URL('../../tests/golden', import.meta.url))) },
    logLevel: 'warning'
  });
  const files = names.map(name => join(folder, name.replace(/\.ts$/, '.mjs')));
  const run = spawnSync(process.execPath, ['--enable-source-maps', '--test', '--test-reporter=dot', ...files], { stdio: 'inherit' });
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
