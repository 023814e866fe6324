import type { TokenRetention } from './types.js';

/** (nLayer) retention by layer with the pool counted: 1 where the layer's pool holds the token's note now. */
export function layersWithPool({ layers, pool }: Pick<TokenRetention, 'layers' | 'pool'>): number[] {
  const live = new Set(pool.filter(({ leftAt }) => leftAt === null).map(({ layer }) => layer));
  return layers.map((value, layer) => (live.has(layer) ? 1 : value));
}
