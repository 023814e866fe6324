/** Colours of the reader's theme for what is drawn on a canvas, which knows no CSS variables. */
export interface CanvasTheme {
  readonly foreground: string;
  readonly muted: string;
  readonly background: string;
  readonly grid: string;
  /** What is much or strong. */
  readonly accent: string;
  /** What is marked besides; distinct from the accent, and as legible. */
  readonly mark: string;
  readonly focus: string;
  readonly isHighContrast: boolean;
  readonly font: string;
  readonly fontSize: number;
}

/** Reads the theme now. */
export function canvasTheme(): CanvasTheme {
  const style = getComputedStyle(document.body);
  const variable = (name: string, fallback: string) => style.getPropertyValue(name).trim() || fallback;
  const foreground = variable('--vscode-editor-foreground', style.color);
  const contrast = variable('--vscode-contrastBorder', '');
  return {
    foreground,
    muted: variable('--vscode-descriptionForeground', foreground),
    background: variable('--vscode-editor-background', 'transparent'),
    grid: contrast || variable('--vscode-widget-border', variable('--vscode-panel-border', foreground)),
    accent: variable('--vscode-charts-blue', variable('--vscode-focusBorder', foreground)),
    // Not the charts' orange: in dark themes it is half transparent.
    mark: variable('--vscode-charts-green', foreground),
    focus: variable('--vscode-focusBorder', foreground),
    isHighContrast: contrast !== '',
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
