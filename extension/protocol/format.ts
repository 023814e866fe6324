/**
 * A share in [0, 1] as percent, with two digits that count however small it is: retention falls by powers
 * of ten, and `0.0 %` everywhere would hide that one word has a hundred times another's.
 */
export function formatShare(share: number): string {
  const percent = 100 * share;
  if (Number.isNaN(percent)) return '–';
  if (percent >= 9.95 || percent === 0) return `${percent.toFixed(0)} %`;
  if (percent >= 0.095) return `${percent.toFixed(percent >= 0.995 ? 1 : 2)} %`;
  return percent < 1e-4 ? '< 0.0001 %' : `${Number(percent.toPrecision(2))} %`;
}
