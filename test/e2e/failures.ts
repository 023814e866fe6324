import { afterEach } from 'vitest';
import type { Workbench } from '../../scripts/workbench/workbench.js';

/** Leaves a screenshot of every failure under `test/e2e/output`. */
export function screenshotOnFailure(workbench: () => Workbench | undefined): void {
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    await workbench()?.screenshot(`failed-${task.name.replace(/[^\w]+/g, '-').toLowerCase()}`);
  });
}
