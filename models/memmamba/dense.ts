import type { MemMambaConfig } from './config.js';

/** Dense segments; `memmamba_training.export.dense_graphs` writes them and says what each computes. */
export type GraphName =
  'first' | 'enter' | 'enter_cross' | 'select' | 'note' | 'note_cross' | 'leave' | 'leave_cross' | 'head';

/** Whether layer `layer` reads the pools of the last p layers. */
export function hasCrossAttention(config: MemMambaConfig, layer: number): boolean {
  return config.crossLayerEvery > 0 && (layer + 1) % config.crossLayerEvery === 0;
}

/** Layers whose pools the cross-layer attention of `layer` reads: the last p, its own included. */
export function crossLayers(config: MemMambaConfig, layer: number): number[] {
  const first = layer - config.crossLayerEvery + 1;
  return Array.from({ length: config.crossLayerEvery }, (_, i) => first + i);
}

/** The graph that opens `layer`; it also adds the reads of the layer before to the residual stream. */
export function enterGraph(config: MemMambaConfig, layer: number): GraphName {
  if (layer === 0) return 'first';
  return hasCrossAttention(config, layer - 1) ? 'enter_cross' : 'enter';
}

/** The graph that adds the last layer's reads. */
export function leaveGraph(config: MemMambaConfig): GraphName {
  return hasCrossAttention(config, config.nLayer - 1) ? 'leave_cross' : 'leave';
}

/** Every graph a model of this configuration runs. */
export function graphNames(config: MemMambaConfig): GraphName[] {
  const names = new Set<GraphName>(['select', 'note', leaveGraph(config), 'head']);
  for (let layer = 0; layer < config.nLayer; layer++) names.add(enterGraph(config, layer));
  return [...names];
}
