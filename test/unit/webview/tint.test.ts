import { describe, expect, it } from 'vitest';
import { MAX_UNDER_TEXT, noteOpacity, plateOpacity } from '../../../webview/panels/tint.js';
import { colour, contrast, over } from '../../webview/contrast.js';
import themes from '../../webview/themes.json' with { type: 'json' };

// What axe cannot see: it does not look into canvases.
describe.each(Object.entries(themes))('on a canvas in the theme %s', (_, { variables }) => {
  const accent = colour(variables['--vscode-charts-blue']);
  const background = colour(variables['--vscode-editor-background']);
  const foreground = colour(variables['--vscode-editor-foreground']);
  const isHighContrast = '--vscode-contrastBorder' in variables;

  it('words are legible on the strongest tint', () => {
    expect(contrast(foreground, over(accent, MAX_UNDER_TEXT, background))).toBeGreaterThan(4.5);
  });

  it.each([0, 0.5, 1])('words are legible on the bar of a note of score %d', (score) => {
    const opacity = noteOpacity(score, isHighContrast);
    const bar = over(accent, opacity, background);
    expect(contrast(foreground, over(background, plateOpacity(opacity), bar))).toBeGreaterThan(4.5);
  });

  it('the weakest bar stands out, and the strongest from the weakest', () => {
    const [weak, strong] = [0, 1].map((score) =>
      contrast(over(accent, noteOpacity(score, isHighContrast), background), background),
    );
    expect(weak).toBeGreaterThan(isHighContrast ? 3 : 1.5);
    expect(strong! / weak!).toBeGreaterThan(1.5);
  });
});
