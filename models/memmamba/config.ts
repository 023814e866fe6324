/**
 * Hyperparameters of a MemMamba model, read from `config.json` beside the weights.
 *
 * Names follow Mamba (arXiv 2312.00752) and MemMamba (arXiv 2510.03279); `docs/model.md` says which
 * values the papers give and which are ours.
 */
export interface MemMambaConfig {
  /** Name shown to the reader, for example `tiny`. */
  readonly name: string;
  readonly nLayer: number;
  readonly dModel: number;
  /** Channels of the inner stream, expand × dModel. */
  readonly dInner: number;
  /** States a channel. */
  readonly dState: number;
  /** Taps of the causal convolution. */
  readonly dConv: number;
  /** Rank of the projection that makes Δ. */
  readonly dtRank: number;
  readonly vocabSize: number;
  /** Dimensions of a note. */
  readonly noteDim: number;
  /** Notes a state pool holds. */
  readonly poolSize: number;
  /** Tokens a chunk; a token reads the pool as it stood after the chunk before its own. */
  readonly chunk: number;
  readonly nHeads: number;
  readonly headDim: number;
  /** Cross-layer attention runs in layers l with (l + 1) mod p = 0; 0 switches it off. */
  readonly crossLayerEvery: number;
  /** A token may enter the pool where σ(s) > tau1. */
  readonly tau1: number;
  /** A token reads the pool where its gate > tau2. */
  readonly tau2: number;
  readonly replacement: 'priority' | 'fifo';
  /** Layers whose pool attention was trained on planted facts; the evidence of an answer is read there. */
  readonly factLayers: readonly number[];
  /** Two layers whose notes go into the document's archive. */
  readonly archiveLayers: readonly number[];
  readonly normEps: number;
}
