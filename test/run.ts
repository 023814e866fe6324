/**
 * Runs the tests, all or some steps of them, and ends with one line: `N passed, N failed`.
 *
 *   npm test                      all steps
 *   npm test -- unit kernels      these steps
 *   npm test -- --list            what there is
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensurePrerequisites, type Need } from './prerequisites.js';
import { repository } from '../scripts/hosts/repository.js';

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Step {
  readonly about: string;
  readonly needs: readonly Need[];
  /** Runs the step; `scratch` is a folder for its reports, `counted` whether to count what code it runs. */
  run(scratch: string, counted: boolean): Promise<Count>;
}

/** No single command takes longer than this unless it hangs. */
const COMMAND_TIMEOUT_MS = 25 * 60_000;
const PYTHON = '/usr/bin/python3';
/** Steps of which is counted what they run. */
const COVERED = ['unit', 'kernels', 'models'];
/** Folders whose imports are checked. */
const SOURCES = ['kernels', 'models', 'webview', 'extension', 'test', 'scripts'];

/** Runs a command in the repository, showing its output, and returns its exit code with that output. */
async function command(program: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  console.log(`$ ${[path.basename(program), ...args].join(' ')}`);
  const child = spawn(program, args, { cwd: repository, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (stream: NodeJS.WriteStream) => (data: Buffer) => {
    output += data.toString();
    stream.write(data);
  };
  child.stdout.on('data', keep(process.stdout));
  child.stderr.on('data', keep(process.stderr));
  const timer = setTimeout(() => {
    console.error(`${program} has run for ${COMMAND_TIMEOUT_MS / 60_000} minutes and is ended.`);
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
  }, COMMAND_TIMEOUT_MS);
  const code = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      console.error(String(error));
      resolve(127);
    });
    child.once('close', (exit) => resolve(exit ?? 1));
  });
  clearTimeout(timer);
  return { code, output };
}

const bin = (name: string) => path.join(repository, 'node_modules/.bin', name);

/** A check that passes or fails as a whole counts as one test. */
async function checks(...commands: readonly (readonly [string, ...string[]])[]): Promise<Count> {
  let failed = 0;
  for (const [program, ...args] of commands) if ((await command(program, args)).code !== 0) failed++;
  return { passed: commands.length - failed, failed, skipped: 0 };
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/** Has Vitest keep what a step ran, for the step `coverage`; the floor is that of all steps together. */
function counting(project: string, scratch: string): string[] {
  return [
    '--coverage',
    '--coverage.reporter=json-summary',
    `--coverage.reportsDirectory=${path.join(scratch, `coverage-${project}`)}`,
    '--coverage.thresholds.statements=0',
    '--coverage.thresholds.branches=0',
    '--reporter=blob',
    `--outputFile.blob=${path.join(scratch, 'blobs', `${project}.json`)}`,
  ];
}

async function vitest(project: string, scratch: string, counted = false): Promise<Count> {
  const file = path.join(scratch, `${project}.json`);
  const { code } = await command(bin('vitest'), [
    'run',
    `--project=${project}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...(counted ? counting(project, scratch) : []),
  ]);
  let report: VitestReport;
  try {
    report = JSON.parse(await readFile(file, 'utf8')) as VitestReport;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  // A file that cannot be loaded has no tests to fail, yet it is a failure.
  const broken = report.testResults.filter((r) => r.status === 'failed' && r.assertionResults.length === 0);
  const failed = report.numFailedTests + broken.length;
  return {
    passed: report.numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: report.numPendingTests,
  };
}

/** Holds what the steps before ran of kernels and models to the floor in `vitest.config.ts`. */
async function coverage(scratch: string): Promise<Count> {
  const blobs = path.join(scratch, 'blobs');
  const kept = await readdir(blobs).catch((): string[] => []);
  const missing = COVERED.filter((step) => !kept.includes(`${step}.json`));
  if (missing.length > 0) {
    console.error(`Run it together with ${COVERED.join(', ')}: npm test -- ${COVERED.join(' ')} coverage`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  return checks([bin('vitest'), 'run', `--merge-reports=${blobs}`, '--reporter=dot', '--coverage']);
}

/** Python's own unit tests: those of the package `tests` in a folder. */
async function unittest(folder: string): Promise<Count> {
  const { code, output } = await command(PYTHON, [
    '-m',
    'unittest',
    'discover',
    '-s',
    `${folder}/tests`,
    '-t',
    folder,
  ]);
  const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? 0);
  const ran = number(/^Ran (\d+) tests?/m);
  const failed = number(/failures=(\d+)/) + number(/errors=(\d+)/);
  const skipped = number(/skipped=(\d+)/);
  if (ran === 0 || (code !== 0 && failed === 0)) return { passed: ran, failed: 1, skipped };
  return { passed: ran - failed - skipped, failed, skipped };
}

const steps: Readonly<Record<string, Step>> = {
  style: {
    about: 'formatting, linting, imports, types (TypeScript and Python), length of sentences, links',
    needs: ['style'],
    run: () =>
      checks(
        [bin('prettier'), '--check', '--log-level=warn', '.'],
        [bin('tsc'), '-p', '.'],
        [bin('eslint'), '.'],
        [bin('depcruise'), '--config', 'dependency-rules.mjs', ...SOURCES],
        ['black', '--check', '--quiet', 'models', 'test', 'scripts'],
        ['flake8', 'models', 'test', 'scripts'],
        [bin('tsx'), 'scripts/prose/check.ts'],
      ),
  },
  python: {
    about: 'training code: operators, data, graphs',
    needs: ['python'],
    run: () => unittest('models/training'),
  },
  unit: { about: 'pure logic', needs: [], run: (scratch, counted) => vitest('unit', scratch, counted) },
  kernels: {
    about: 'every kernel on WebGPU against float64',
    needs: ['webgpu'],
    run: (scratch, counted) => vitest('kernels', scratch, counted),
  },
  models: {
    about: 'parity with PyTorch, state, engines, the terminal runner',
    needs: ['webgpu'],
    run: (scratch, counted) => vitest('models', scratch, counted),
  },
  coverage: {
    about: 'the share of kernels and models that the last three steps run',
    needs: [],
    run: coverage,
  },
  webview: {
    about: 'the panels in a browser: keyboard, themes, axe',
    needs: ['webgpu'],
    run: (scratch) => vitest('webview', scratch),
  },
  package: {
    about: 'the .vsix: contents, size, notices',
    needs: [],
    run: (scratch) => vitest('package', scratch),
  },
  e2e: {
    about: 'the packaged extension in two real workbenches',
    needs: ['webgpu'],
    run: (scratch) => vitest('e2e', scratch),
  },
};

function selected(args: readonly string[]): [string, Step][] {
  const names = args.length > 0 ? args : Object.keys(steps);
  return names.map((name) => {
    const step = steps[name];
    if (step === undefined)
      throw new Error(`There is no step "${name}", only ${Object.keys(steps).join(', ')}.`);
    return [name, step];
  });
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--list')) {
    for (const [name, { about }] of Object.entries(steps)) console.log(`${name.padEnd(8)} ${about}`);
    return;
  }
  const chosen = selected(args);
  ensurePrerequisites([...new Set(chosen.flatMap(([, step]) => step.needs))]);
  const counted = chosen.some(([name]) => name === 'coverage');
  const scratch = await mkdtemp(path.join(tmpdir(), 'memmamba-test-'));
  const lines: string[] = [];
  const total = { passed: 0, failed: 0 };
  try {
    for (const [name, step] of chosen) {
      console.log(`\n──── ${name}: ${step.about}`);
      const start = performance.now();
      const { passed, failed, skipped } = await step.run(scratch, counted);
      const seconds = ((performance.now() - start) / 1000).toFixed(0);
      const aside = skipped > 0 ? `, ${skipped} skipped` : '';
      lines.push(`${name.padEnd(8)} ${passed} passed, ${failed} failed${aside} (${seconds} s)`);
      total.passed += passed;
      total.failed += failed;
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  console.log(`\n${lines.join('\n')}\n\n${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log('\n0 passed, 1 failed');
  process.exitCode = 1;
}
