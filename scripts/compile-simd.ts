/**
 * Compiles `kernels/simd/assembly/` to `kernels/simd/simd-wasm.ts`, which is committed so that neither a build
 * nor a test needs the compiler:
 *
 *   npx tsx scripts/compile-simd.ts
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * What is used of the compiler. Its own declarations put the globals of its language over TypeScript's (there,
 * `at()` never returns undefined), for every file of this project; so they are not imported.
 */
interface Compiler {
  main(
    args: string[],
    host: { writeFile: (name: string, contents: Uint8Array | string) => void },
  ): Promise<{ error: Error | null; stderr: { toString(): string } }>;
}
const COMPILER = ['assemblyscript', 'asc'].join('/');

/** The module's bytes, compiled afresh: for all runtimes, and for those with relaxed vectors (fused multiply-add). */
export interface SimdBinaries {
  readonly plain: Uint8Array;
  readonly relaxed: Uint8Array;
}

export async function compileSimd(): Promise<SimdBinaries> {
  return { plain: await compile('simd'), relaxed: await compile('simd', 'relaxed-simd') };
}

async function compile(...features: string[]): Promise<Uint8Array> {
  const { default: asc } = (await import(/* @vite-ignore */ COMPILER)) as { default: Compiler };
  const entry = fileURLToPath(new URL('../kernels/simd/assembly/index.ts', import.meta.url));
  let binary: Uint8Array | undefined;
  const options = '-O3 --noAssert --runtime stub --initialMemory 1 -o simd.wasm'.split(' ');
  const { error, stderr } = await asc.main(
    [entry, ...options, ...features.flatMap((feature) => ['--enable', feature])],
    {
      writeFile: (name, contents) => {
        if (name === 'simd.wasm' && contents instanceof Uint8Array) binary = contents;
      },
    },
  );
  if (error || !binary) {
    throw new Error(`AssemblyScript: ${error?.message ?? 'no output'}\n${stderr.toString()}`);
  }
  return binary;
}

/** The TypeScript module that holds them. */
export function simdModuleSource({ plain, relaxed }: SimdBinaries): string {
  return [
    '/** `assembly/` compiled by `scripts/compile-simd.ts`, in base64. */',
    ...constant('SIMD_WASM', plain),
    '',
    '/** The same with fused multiply-add. */',
    ...constant('RELAXED_SIMD_WASM', relaxed),
    '',
  ].join('\n');
}

function constant(name: string, binary: Uint8Array): string[] {
  const lines = Buffer.from(binary)
    .toString('base64')
    .match(/.{1,100}/g)!;
  return [`export const ${name} =`, `${lines.map((line) => `  '${line}'`).join(' +\n')};`];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(
    new URL('../kernels/simd/simd-wasm.ts', import.meta.url),
    simdModuleSource(await compileSimd()),
  );
}
