/** `h:mm:ss`, `mm:ss`, `d:hh:mm:ss`, with a fraction. */
export function secondsOf(stamp: string): number {
  const units = [1, 60, 3600, 86_400];
  const parts = stamp.replace(',', '.').split(':').reverse();
  return parts.reduce((sum, part, i) => sum + Number(part) * units[i]!, 0);
}
