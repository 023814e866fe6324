import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classOfValue, isWholeValue, valueAround } from '../../../models/text/values.js';

function around(text: string, part: string): string {
  const at = text.indexOf(part);
  const { start, end } = valueAround(text, at, at + part.length);
  return text.slice(start, end);
}

describe('the whole value around a part', () => {
  it.each([
    ['a key with marks', 'The key is wKq41b77*M0r.', 'wKq41b77', 'wKq41b77*M0r'],
    [
      'a hash',
      'hash: $2y$12$qwHarbour8Boat.x55moorLine.zC7',
      'qwHarbour8Boat',
      '$2y$12$qwHarbour8Boat.x55moorLine.zC7',
    ],
    ['a part behind a hyphen', 'It is HV-4417-QX, he said.', 'HV-4417', 'HV-4417-QX'],
    [
      'a UUID',
      'id 3f2504e0-4f89-41d3-9a0c-0305e82c3301;',
      '3f2504e0',
      '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
    ],
    ['thousands', 'They sold 48,291,705 of them.', '48,291', '48,291,705'],
    ['thousands with spaces', 'Of 12 345 678 people', '345', '12 345 678'],
    ['an account', 'The account is 12 345 678 90. Pay.', '12', '12 345 678 90'],
    ['a telephone number', 'Call +46 8 555 01 23 now.', '555', '+46 8 555 01 23'],
    ['a telephone number with brackets', 'Call (0)20 7946 0018 now.', '7946', '(0)20 7946 0018'],
    ['an IBAN', 'IBAN DE89 3704 0044 0532 0130 00.', '3704', 'DE89 3704 0044 0532 0130 00'],
    ['an address with its port', 'at 10.44.7.19:8443.', '10', '10.44.7.19:8443'],
    ['a MAC address', 'is 00:1B:44:11:3A:B7.', '11', '00:1B:44:11:3A:B7'],
    ['IPv6', 'is 2001:db8::1428:57ab now', '1428', '2001:db8::1428:57ab'],
    ['a path', 'in /etc/pump.d/valve-3.conf.', 'pump.d', '/etc/pump.d/valve-3.conf'],
    [
      'a place on the net',
      'See https://example.org/boats?id=77.4&lang=en.',
      '77.4',
      'https://example.org/boats?id=77.4&lang=en',
    ],
    ['an address of mail', 'Ask bo.lund+boats@mail.example.org.', 'lund', 'bo.lund+boats@mail.example.org'],
    ['a version', 'Take v2.14.0-rc.1+build.5, please', '2.14', 'v2.14.0-rc.1+build.5'],
    ['the value of a setting', 'WIFI_KEY=swan=lake_41', 'lake_41', 'swan=lake_41'],
    ['a field of a list', 'x=5,name=7,y=6', '7', '7'],
    ['a decimal with a comma', 'kostet 12,50 Euro', '12', '12,50'],
    ['coordinates', 'at 59.3293, 18.0686 there', '59.3293', '59.3293, 18.0686'],
    ['degrees', 'at 59°19′N 18°04′E there', '19', '59°19′N 18°04′E'],
    ['a number in Chinese text', '密码是48213。', '482', '48213'],
    ['a number in quotation marks', 'It is “4711-K”.', '4711', '4711-K'],
    ['a word', 'the ship Northern Light.', 'Light', 'Light'],
  ])('is %s', (_, text, part, whole) => {
    expect(around(text, part)).toBe(whole);
    const at = text.indexOf(whole);
    expect(isWholeValue(text, at, at + whole.length)).toBe(true);
    if (part !== whole) {
      const inside = text.indexOf(part);
      expect(isWholeValue(text, inside, inside + part.length)).toBe(false);
    }
  });

  it('holds what it is around, and grows no further when it is asked again', () => {
    const piece = fc.constantFrom(
      ...[
        '48',
        'a',
        '-',
        '*',
        ' ',
        '=',
        ':',
        '/',
        '.',
        ',',
        '"',
        '(',
        ')',
        '\n',
        '密',
        '+',
        '$',
        '12',
        '345',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 20 }), fc.nat(), fc.nat(), (pieces, a, b) => {
        const text = pieces.join('');
        const start = a % text.length;
        const end = start + 1 + (b % (text.length - start));
        const once = valueAround(text, start, end);
        expect(once.start).toBeLessThanOrEqual(start);
        expect(once.end).toBeGreaterThanOrEqual(end);
        expect(once.end).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});

describe('the class of a value', () => {
  it.each([
    ['10.0.4.17', 'ip'],
    ['2001:db8::1428:57ab', 'ip'],
    ['00:1B:44:11:3A:B7', 'mac'],
    ['bo@example.org', 'mail'],
    ['https://example.org/a', 'url'],
    ['/etc/pump.conf', 'path'],
    ['DE89 3704 0044 0532 0130 00', 'iban'],
    ['+46 8 555 01 23', 'phone'],
    ['3f2504e0-4f89-41d3-9a0c-0305e82c3301', 'uuid'],
    ['59°19′N 18°04′E', 'coordinates'],
    ['4711-K', undefined],
    ['9:30', undefined],
  ])('of %j is %s', (value, expected) => {
    expect(classOfValue(value)).toBe(expected);
  });
});
