import names from '../artifacts/models.json' with { type: 'json' };

/** A model by the name of its folder under `models/artifacts`. */
export type ModelName = 'base' | 'tiny';

/** The models that this installation holds; `models/artifacts/models.json` lists them, and the export adds to it. */
export const SHIPPED_MODELS = names as readonly ModelName[];
