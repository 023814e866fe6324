/** Colours of the reader's theme for what is drawn on a canvas, which knows no CSS variables. */
export interface CanvasTheme {
  readonly foreground: string;
  readonly muted: string;
  readonly background: string;
  readonly grid: string;
  readonly accent: string;
  readonly series: readonly string[];
  readonly font: string;
  readonly fontSize: number;
}

/** Not orange: in dark themes it is half transparent. */
const SERIES = ['blue', 'green', 'red', 'purple', 'yellow', 'foreground'];

/** Reads the theme now. */
export function canvasTheme(): CanvasTheme {
  const style = getComputedStyle(document.body);
  const variable = (name: string, fallback: string) => style.getPropertyValue(name).trim() || fallback;
  const foreground = variable('--vscode-editor-foreground', style.color);
  return {
    foreground,
    muted: variable('--vscode-descriptionForeground', foreground),
    background: variable('--vscode-editor-background', 'transparent'),
    grid: variable('--vscode-editorIndentGuide-background1', variable('--vscode-panel-border', foreground)),
    accent: variable('--vscode-charts-blue', variable('--vscode-focusBorder', foreground)),
    series: SERIES.map((name) => variable(`--vscode-charts-${name}`, foreground)),
    font: variable('--vscode-editor-font-family', 'monospace'),
    fontSize: parseFloat(variable('--vscode-editor-font-size', '13')) || 13,
  };
}

/** Calls `draw` whenever the theme changes; VS Code announces that on the body's class. */
export function onThemeChange(draw: () => void): void {
  new MutationObserver(draw).observe(document.body, {
    attributes: true,
    attributeFilter: ['class', 'data-vscode-theme-id'],
  });
}
