import type { EngineCheck } from '../protocol/engine.js';

export interface Versions {
  readonly extension: string;
  readonly vscode: string;
  /** Name of the application that is the host. */
  readonly host: string;
}

/** The report of “Check WebGPU” as Markdown; in English, since it goes into bug reports. */
export function checkMarkdown(report: EngineCheck, versions: Versions): string {
  const { adapter, engine, selfTest } = report;
  const out = [
    '# MemMamba: WebGPU report',
    '',
    `- MemMamba ${versions.extension}, ${versions.host} ${versions.vscode}`,
    `- ${report.userAgent}`,
    '',
    '## Engine',
    '',
    engine
      ? `**${engine.engine}** on ${engine.device}, model ${engine.model}: ${engine.reason}`
      : `**None**: ${report.engineError ?? 'unknown'}`,
    '',
    '## Adapter',
    '',
  ];
  if (adapter) {
    out.push(`${adapter.description}${adapter.software ? ' (software)' : ''}`, '');
    out.push(`Features: ${adapter.features.join(', ') || 'none'}`, '', '| Limit | Value |', '| --- | ---: |');
    for (const [limit, value] of Object.entries(adapter.limits)) out.push(`| ${limit} | ${value} |`);
  } else {
    out.push(`None: ${report.webgpuError ?? 'unknown'}`);
  }
  if (selfTest.length > 0) {
    out.push('', '## Self-test of the kernels', '', '| Kernel | Result | Detail |', '| --- | --- | --- |');
    for (const { kernel, passed, detail } of selfTest) {
      out.push(
        `| ${kernel} | ${passed ? 'passed' : '**failed**'} | ${detail.replace(/\s+/g, ' ').replace(/\|/g, '\\|')} |`,
      );
    }
  }
  return out.join('\n') + '\n';
}
