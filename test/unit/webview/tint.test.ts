import { describe, expect, it } from 'vitest';
import { MAX_UNDER_TEXT, noteOpacity, plateOpacity } from '../../../webview/panels/tint.js';
import themes from '../../webview/themes.json' with { type: 'json' };

type Colour = readonly number[];

const hex = (colour: string): Colour => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
const over = (top: Colour, opacity: number, bottom: Colour): Colour =>
  top.map((value, i) => opacity * value + (1 - opacity) * (bottom[i] ?? 0));

/** Relative luminance, WCAG 2. */
function luminance(colour: Colour): number {
  const [r = 0, g = 0, b = 0] = colour.map((value) =>
    value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Colour, b: Colour): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

// What axe cannot see: it does not look into canvases.
describe.each(Object.entries(themes))('on a canvas in the theme %s', (_, { variables }) => {
  const accent = hex(variables['--vscode-charts-blue']);
  const background = hex(variables['--vscode-editor-background']);
  const foreground = hex(variables['--vscode-editor-foreground']);
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
