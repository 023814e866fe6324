/** Red, green and blue, 0 to 255. */
export type Colour = readonly number[];

/** A colour as themes and computed styles write it: `#rrggbb`, `rgb(…)`. */
export function colour(css: string): Colour {
  return css.startsWith('#')
    ? [1, 3, 5].map((at) => parseInt(css.slice(at, at + 2), 16))
    : (css.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
}

/** What is seen of a colour of some opacity (0 to 1) before another. */
export function over(top: Colour, opacity: number, bottom: Colour): Colour {
  return top.map((value, i) => opacity * value + (1 - opacity) * (bottom[i] ?? 0));
}

/** Relative luminance, from 0 to 1 (WCAG 2). */
function luminance(rgb: Colour): number {
  const [r = 0, g = 0, b = 0] = rgb.map((value) =>
    value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast of two colours, from 1 to 21 (WCAG 2); 4.5 is the least for text, 3 for what else has to be seen. */
export function contrast(a: Colour | string, b: Colour | string): number {
  const [low = 0, high = 0] = [a, b]
    .map((value) => luminance(typeof value === 'string' ? colour(value) : value))
    .sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}
