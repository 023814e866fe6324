import { execFileSync, spawnSync } from 'node:child_process';

/** Debian packages that the steps of the tests need beside Node and npm. */
const PACKAGES = {
  style: ['black', 'flake8'],
  python: ['python3-numpy', 'python3-torch', 'python3-onnx'],
  // Chromium brings SwiftShader, with which WebGPU runs where there is no GPU.
  webgpu: ['chromium', 'libvulkan1'],
} as const;

export type Need = keyof typeof PACKAGES;

function isInstalled(name: string): boolean {
  const query = spawnSync('dpkg-query', ['-W', '-f=${db:Status-Status}', name], { encoding: 'utf8' });
  return query.status === 0 && query.stdout === 'installed';
}

/**
 * Makes sure that the packages are there: installs what is missing by apt where this user may.
 *
 * @throws with the exact line to type where it may not.
 */
export function ensurePrerequisites(needs: readonly Need[]): void {
  const wanted = needs.flatMap((need) => PACKAGES[need]);
  if (spawnSync('dpkg-query', ['--version']).error) {
    throw new Error(
      `The tests are made for Debian and its relatives, and this machine has no dpkg. They need ${wanted.join(', ')}.`,
    );
  }
  const missing = wanted.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const isRoot = process.getuid?.() === 0;
  const line = (sudo: string) => `${sudo}apt-get install --yes --no-install-recommends ${missing.join(' ')}`;
  if (!isRoot && spawnSync('sudo', ['-n', 'true']).status !== 0) {
    throw new Error(`This machine lacks ${missing.join(', ')}. Type:\n\n    ${line('sudo ')}\n`);
  }
  const sudo = isRoot ? '' : 'sudo -n ';
  console.log(`Installing ${missing.join(', ')} …`);
  const script = `export DEBIAN_FRONTEND=noninteractive; ${sudo}apt-get update --quiet && ${line(sudo)} --quiet`;
  try {
    execFileSync('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 });
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(`apt could not install ${missing.join(', ')}:\n${stderr}\n\n    ${line('sudo ')}\n`, {
      cause: error,
    });
  }
}
