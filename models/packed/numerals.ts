const ROMAN: readonly (readonly [number, string])[] = [
  [1000, 'm'],
  [900, 'cm'],
  [500, 'd'],
  [400, 'cd'],
  [100, 'c'],
  [90, 'xc'],
  [50, 'l'],
  [40, 'xl'],
  [10, 'x'],
  [9, 'ix'],
  [5, 'v'],
  [4, 'iv'],
  [1, 'i'],
];

/** `xiv` for 14; digits where there is no Roman numeral of the usual kind. */
export function roman(value: number): string {
  if (!Number.isInteger(value) || value < 1 || value > 3999) return String(value);
  let rest = value;
  let numeral = '';
  for (const [worth, sign] of ROMAN) {
    while (rest >= worth) {
      numeral += sign;
      rest -= worth;
    }
  }
  return numeral;
}

/** The value of a Roman numeral in small letters, or undefined where it is none. */
export function romanValue(numeral: string): number | undefined {
  if (!/^[mdclxvi]{1,15}$/u.test(numeral)) return undefined;
  let value = 0;
  let rest = numeral;
  for (const [worth, sign] of ROMAN) {
    while (rest.startsWith(sign)) {
      value += worth;
      rest = rest.slice(sign.length);
    }
  }
  return rest === '' && roman(value) === numeral ? value : undefined;
}

/** `a` to `z`, then `aa`, `bb` … as Word counts; digits where there is none. */
export function letters(value: number): string {
  if (!Number.isInteger(value) || value < 1 || value > 26 * 20) return String(value);
  return String.fromCharCode(97 + ((value - 1) % 26)).repeat(Math.ceil(value / 26));
}
