/** What a planted fact is about: where it stands, and its value, made at random. */
export type Haystack = 'prose' | 'log' | 'code';

export type Random = () => number;
export const pick = <T>(random: Random, items: readonly T[]): T =>
  items[Math.floor(random() * items.length)]!;
export const digits = (random: Random, count: number) =>
  Array.from({ length: count }, () => Math.floor(random() * 10)).join('');
export const letters = (random: Random, count: number, alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ') =>
  Array.from({ length: count }, () => pick(random, alphabet.split(''))).join('');

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

export const VALUES = {
  number: (random: Random) => `${1 + Math.floor(random() * 9)}${digits(random, 4)}`,
  label: (random: Random) => `${letters(random, 2)}-${digits(random, 4)}-${letters(random, 2)}`,
  hex: (random: Random) => letters(random, 10, '0123456789abcdef'),
  date: (random: Random) =>
    `${1 + Math.floor(random() * 28)} ${pick(random, MONTHS)} ${1500 + Math.floor(random() * 500)}`,
  amount: (random: Random) => `${1 + Math.floor(random() * 98)},${digits(random, 3)}`,
} as const;
export type ValueKind = keyof typeof VALUES;
