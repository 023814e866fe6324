import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'];

/**
 * Opens Chromium with a profile of its own.
 *
 * @param options.webgpu Without it the adapter is null on a machine without a GPU, as on many of the readers'
 *   machines: the engine has to fall back to the CPU.
 */
export async function openChromium(options: { profile: string; webgpu: boolean }): Promise<BrowserContext> {
  const executablePath = process.env.CHROMIUM ?? CANDIDATES.find((file) => existsSync(file));
  if (executablePath === undefined) {
    throw new Error(
      'Chromium is missing. Install it (sudo apt-get install chromium), or name one in CHROMIUM.',
    );
  }
  // Third-party cookies blocked would take the service worker, and so every resource, from webviews.
  await mkdir(path.join(options.profile, 'Default'), { recursive: true });
  await writeFile(
    path.join(options.profile, 'Default/Preferences'),
    JSON.stringify({ profile: { cookie_controls_mode: 0 } }),
  );
  return chromium.launchPersistentContext(options.profile, {
    executablePath,
    headless: false,
    viewport: { width: 1400, height: 900 },
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(options.webgpu ? ['--enable-unsafe-webgpu'] : []),
    ],
  });
}
