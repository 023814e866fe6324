import type { PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** Text of one font on one line, in points; x to the right and y down, as the text runs. */
export interface Run {
  readonly text: string;
  readonly x0: number;
  readonly x1: number;
  /** Of the baseline. */
  readonly y: number;
  readonly size: number;
  readonly font: string;
  readonly isMono: boolean;
  readonly isRtl: boolean;
  /** White space was written before it. */
  readonly isSpaced: boolean;
}

const EAST_ASIAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** Runs of a page that stand at the same angle, the angle with the most text first. */
export async function runsOf(page: PDFPageProxy): Promise<Run[][]> {
  const { items, styles } = await page.getTextContent();
  const view = page.getViewport({ scale: 1 }).transform;
  const byAngle = new Map<number, { runs: Run[]; units: number }>();
  let isSpaced = false;
  for (const item of items) {
    if (!('str' in item)) continue;
    const text = item.str.trim();
    if (text === '') {
      isSpaced = true;
      continue;
    }
    const m = product(view, item.transform as number[]);
    const angle = Math.round((Math.atan2(m[1], m[0]) * 36) / Math.PI) * 5;
    const size = Math.hypot(m[2], m[3]) || item.height;
    if (!(size > 0) || !m.every(Number.isFinite)) continue;
    const group = byAngle.get(angle) ?? { runs: [], units: 0 };
    byAngle.set(angle, group);
    const [x, y] = turned(m[4], m[5], angle);
    group.units += text.length;
    group.runs.push({
      text,
      x0: x,
      x1: x + item.width,
      y,
      size,
      font: item.fontName,
      // Of East Asian fonts all signs are as wide, in prose too.
      isMono: styles[item.fontName]?.fontFamily === 'monospace' && !EAST_ASIAN.test(text),
      isRtl: item.dir === 'rtl',
      isSpaced: isSpaced || /^\s/u.test(item.str),
    });
    isSpaced = /\s$/u.test(item.str);
  }
  return [...byAngle.values()].sort((a, b) => b.units - a.units).map(({ runs }) => runs);
}

type Matrix = readonly [number, number, number, number, number, number];

function product(a: readonly number[], b: readonly number[]): Matrix {
  const [a0 = 1, a1 = 0, a2 = 0, a3 = 1, a4 = 0, a5 = 0] = a;
  const [b0 = 1, b1 = 0, b2 = 0, b3 = 1, b4 = 0, b5 = 0] = b;
  return [
    a0 * b0 + a2 * b1,
    a1 * b0 + a3 * b1,
    a0 * b2 + a2 * b3,
    a1 * b2 + a3 * b3,
    a0 * b4 + a2 * b5 + a4,
    a1 * b4 + a3 * b5 + a5,
  ];
}

/** The place as seen by who turns the page so that text at `angle` degrees is level. */
function turned(x: number, y: number, angle: number): [number, number] {
  if (angle === 0) return [x, y];
  const radians = (-angle * Math.PI) / 180;
  const cos = Math.cos(radians);
  const sin = Math.sin(radians);
  return [cos * x - sin * y, sin * x + cos * y];
}
